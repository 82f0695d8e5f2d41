"""Read models of employers and companies: the newest wins, in any order, however often told."""

import asyncio
from itertools import permutations
from typing import cast
from uuid import UUID

import pytest

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.contracts.jobs import JobUpdated
from libs.common.identity import Identity, Role
from libs.common.ids import new_id
from libs.common.migrations import differences
from libs.common.testing import Bench
from services.jobs.commands import renaming
from services.jobs.commands.posting import update_job
from services.jobs.models import metadata
from services.jobs.schemas.posting import UpdateJobIn
from services.jobs.tests.samples import COMPANY, EMPLOYER, close, find, posted, update

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


async def test_a_new_name_of_the_company_is_said_of_each_job_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "BATCH", 2)
    jobs = [await posted(bench) for _ in range(5)]
    await close(bench, jobs[0])
    await update(bench, jobs[1], {"jobInfo": {"status": "Hidden"}})
    before = len(await bench.published())
    renamed = COMPANY.model_copy(update={"name": "Giải Pháp Số", "version": 2})
    logo = renamed.model_copy(update={"logo_url": None, "version": 3})
    for told in (renamed, renamed, logo):
        await bench.hear(told)
    said = (await bench.published())[before:]
    assert all(isinstance(event, JobUpdated) for event in said)
    assert [
        (str(event.job_id), event.company_name, event.status, event.version)
        for event in cast("list[JobUpdated]", said)
    ] == [
        (jobs[0], "Giải Pháp Số", "Closed", 3),
        (jobs[1], "Giải Pháp Số", "Hidden", 3),
        *((job_id, "Giải Pháp Số", "Active", 2) for job_id in jobs[2:]),
    ]


async def test_a_job_that_is_shown_while_its_company_is_renamed_has_the_new_name(
    bench: Bench,
) -> None:
    job_id = await posted(bench)
    await update(bench, job_id, {"jobInfo": {"status": "Hidden"}})
    renamed = COMPANY.model_copy(update={"name": "Giải Pháp Số", "version": 2})
    owner = Identity(EMPLOYER.employer_id, new_id(), Role.EMPLOYER, 0, "")
    shown = UpdateJobIn.model_validate({"jobInfo": {"status": "Active"}})
    async with bench.db.write() as session:
        await update_job(session, owner, UUID(job_id), shown)
        hearing = asyncio.create_task(bench.hear(renamed))
        await _until_somebody_waits(bench)
    await hearing
    assert await find(bench, q="giai phap so") == ["Senior Backend Developer"]
    last = (await bench.published())[-1]
    assert isinstance(last, JobUpdated)
    assert (last.company_name, last.status, last.version) == ("Giải Pháp Số", "Active", 4)


async def _until_somebody_waits(bench: Bench) -> None:
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(20):
        while not await bench.rows(waiting):
            await asyncio.sleep(0.02)


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
    kept = applied.model_dump(include={"application_id", "job_id", "candidate_id"})
    assert await bench.rows("SELECT * FROM job_applies") == [kept]


async def test_nothing_is_dead(bench: Bench) -> None:
    await bench.hear(*COMPANIES, *EMPLOYERS)
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_migrations_make_what_the_models_say(bench: Bench) -> None:
    assert differences(bench.db.url, "jobs", metadata) == []
