"""Read models of jobs and candidates: the newest wins, in any order, however often told."""

from itertools import permutations

import pytest

from libs.common.contracts.jobs import JobClosed, JobFacts, JobUpdated
from libs.common.migrations import differences
from libs.common.testing import Bench
from services.applications.models import CandidateSnapshot, metadata
from services.applications.tests.samples import a_candidate, a_job

POSTED = a_job()
UPDATED = JobUpdated(**POSTED.model_dump() | {"title": "Tech Lead", "version": 2})
CLOSED = JobClosed(**UPDATED.model_dump() | {"status": "Closed", "version": 3})


@pytest.mark.parametrize("told", [*permutations([POSTED, UPDATED, CLOSED])])
async def test_the_newest_facts_of_a_job_stay(bench: Bench, told: tuple[JobFacts, ...]) -> None:
    for event in (*told, *told):
        await bench.hear(event)
    assert await bench.rows("SELECT * FROM job_snapshots") == [
        CLOSED.model_dump() | {"sealed_until": None}
    ]


async def test_the_newest_facts_of_a_candidate_stay(bench: Bench) -> None:
    old = a_candidate()
    new = a_candidate(candidate_id=old.candidate_id, name="Hoàng", cv_url=None, version=2)
    for event in (new, old, new):
        await bench.hear(event)
    kept = await bench.rows("SELECT * FROM candidate_snapshots")
    assert kept == [new.model_dump(include=set(CandidateSnapshot.model_fields))]


async def test_nothing_is_dead(bench: Bench) -> None:
    await bench.hear(POSTED, UPDATED, CLOSED, a_candidate())
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_migrations_make_what_the_models_say(bench: Bench) -> None:
    assert differences(bench.db.url, "applications", metadata) == []
