"""Read models of employers and companies: the newest wins, in any order, however often told."""

from itertools import permutations

import pytest

from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.ids import new_id
from libs.common.migrations import differences
from libs.common.testing import Bench
from services.jobs.models import metadata
from services.jobs.tests.samples import COMPANY, EMPLOYER, find, posted

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


async def test_nothing_is_dead(bench: Bench) -> None:
    await bench.hear(*COMPANIES, *EMPLOYERS)
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_migrations_make_what_the_models_say(bench: Bench) -> None:
    url = bench.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    assert differences(url, "jobs", metadata) == []
