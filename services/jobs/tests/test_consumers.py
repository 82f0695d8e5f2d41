"""Read models of employers and companies: the newest wins, in any order, however often told."""

from itertools import permutations
from uuid import UUID

import pytest

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.contracts.jobs import JobUpdated
from libs.common.ids import new_id
from libs.common.migrations import differences
from libs.common.testing import Bench
from services.jobs.commands import renaming
from services.jobs.models import metadata
from services.jobs.tests.samples import COMPANY, EMPLOYER, close, find, posted

OTHER = new_id()
COMPANIES = [
    COMPANY.model_copy(update={"company_id": OTHER}),
    COMPANY.model_copy(update={"company_id": OTHER, "name": "Công ty Mới", "version": 2}),
    COMPANY.model_copy(update={"company_id": OTHER, "complete": False, "version": 3}),
]
EMPLOYERS = [
    EMPLOYER.model_copy(update={"employer_id": OTHER, "company_id": None}),
    EMPLOYER.model_copy(update={"employer_id": OTHER, "company_id": OTHER, "version": 2}),
]


@pytest.mark.parametrize("told", [*permutations(COMPANIES)])
async def test_the_newest_facts_of_a_company_stay(
    bench: Bench, told: tuple[CompanyUpdated, ...]
) -> None:
    for event in (*told, *told):
        await bench.hear(event)
    kept = await bench.rows("SELECT * FROM company_snapshots WHERE company_id = :id", id=OTHER)
    assert kept == [COMPANIES[-1].model_dump(exclude={"industry", "address"})]


@pytest.mark.parametrize("told", [*permutations(EMPLOYERS)])
async def test_the_newest_facts_of_an_employer_stay(
    bench: Bench, told: tuple[EmployerUpdated, ...]
) -> None:
    for event in (*told, *told):
        await bench.hear(event)
    kept = await bench.rows("SELECT * FROM employer_snapshots WHERE employer_id = :id", id=OTHER)
    assert kept == [EMPLOYERS[-1].model_dump(exclude={"name"})]


async def test_jobs_are_found_by_their_companys_present_name(bench: Bench) -> None:
    await posted(bench)
    renamed = COMPANY.model_copy(update={"name": "Giải Pháp Số", "version": 3})
    for version in (renamed, COMPANY.model_copy(update={"version": 2})):
        await bench.hear(version)
        assert await find(bench, q="giai phap so") == ["Senior Backend Developer"]
        assert await find(bench, q="tech solutions") == []
        assert await find(bench, q="senior chi tiết") == ["Senior Backend Developer"]


async def test_a_new_name_of_the_company_is_said_of_each_open_job_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "BATCH", 2)
    jobs = {UUID(await posted(bench)) for _ in range(5)}
    closed = await posted(bench)
    await close(bench, closed)
    before = len(await bench.published())
    renamed = COMPANY.model_copy(update={"name": "Giải Pháp Số", "version": 2})
    logo = renamed.model_copy(update={"logo_url": None, "version": 3})
    for told in (renamed, renamed, logo):
        await bench.hear(told)
    said = [event for event in await bench.published() if isinstance(event, JobUpdated)]
    assert len(await bench.published()) == before + len(said)
    assert {event.job_id for event in said} == jobs
    assert [(event.company_name, event.version) for event in said] == [("Giải Pháp Số", 2)] * 5


async def test_an_application_is_counted_once(bench: Bench) -> None:
    applied = ApplicationSubmitted(
        application_id=new_id(),
        job_id=new_id(),
        job_title="",
        company_name="",
        employer_id=OTHER,
        candidate_id=OTHER,
        candidate_name="",
        submitted_at=clock.now(),
    )
    for _ in range(2):
        await bench.hear(applied)
    kept = applied.model_dump(include={"application_id", "job_id"})
    assert await bench.rows("SELECT * FROM job_applies") == [kept]


async def test_nothing_is_dead(bench: Bench) -> None:
    await bench.hear(*COMPANIES, *EMPLOYERS)
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_migrations_make_what_the_models_say(bench: Bench) -> None:
    url = bench.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    assert differences(url, "jobs", metadata) == []
