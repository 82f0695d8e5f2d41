"""The jobs of an employer whom an admin deactivates: gone for everybody, until he is back."""

from typing import Any

import pytest

from libs.common.contracts.jobs import JobFacts, JobUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.jobs.commands import renaming
from services.jobs.tests.samples import (
    EMPLOYER,
    a_posting,
    close,
    find,
    make_overdue,
    post,
    posted,
    update,
)

OUT = EMPLOYER.model_copy(update={"deactivated": True, "version": 2})
BACK = EMPLOYER.model_copy(update={"version": 3})
ADMIN = signed_in(Role.ADMIN)


async def seen(bench: Bench, job_id: str, headers: dict[str, str] | None = None) -> int:
    return (await bench.client.get(f"/api/v1/jobs/{job_id}", headers=headers)).status_code


async def listed(bench: Bench) -> list[str]:
    """Return the ids in the public list of the employer's jobs."""
    answer = await bench.client.get(f"/api/v1/employers/{EMPLOYER.employer_id}/jobs")
    return [job["jobId"] for job in answer.json()["data"]]


async def fact(bench: Bench, job_id: str) -> Any:
    """Return the status that another service is told."""
    headers = signed_in(Role.CANDIDATE)
    return (await bench.client.get(f"/internal/jobs/{job_id}", headers=headers)).json()["status"]


async def test_they_are_shown_to_nobody_until_he_is_back(bench: Bench) -> None:
    job_id, overdue = await posted(bench), await posted(bench)
    await make_overdue(bench, overdue)
    await close(bench, closed := await posted(bench))
    before = len(await bench.published())
    for _ in range(2):
        await bench.hear(OUT)
    assert await find(bench) == []
    assert await listed(bench) == []
    for one in (job_id, overdue, closed):
        assert await seen(bench, one) == 404
        assert await seen(bench, one, signed_in(Role.CANDIDATE)) == 404
        assert await seen(bench, f"{one}/related") == 404
        assert await seen(bench, f"{one}/match", signed_in(Role.CANDIDATE)) == 404
    facts = [await fact(bench, one) for one in (job_id, overdue, closed)]
    assert facts == ["Withheld", "Expired", "Closed"]
    await bench.hear(BACK, OUT)
    assert await find(bench) == ["Senior Backend Developer"]
    assert await listed(bench) == [job_id]
    assert [await seen(bench, one) for one in (job_id, overdue, closed)] == [200] * 3
    said = [e for e in (await bench.published())[before:] if isinstance(e, JobUpdated)]
    statuses = [(event.status, event.version) for event in said if str(event.job_id) == job_id]
    assert statuses == [("Withheld", 2), ("Active", 3)]
    assert {event.status for event in said if str(event.job_id) == overdue} == {"Expired"}
    assert closed not in {str(event.job_id) for event in said}


async def test_nothing_brings_one_back_but_he(bench: Bench) -> None:
    """Not a change by an admin, nor the word of a posting that was on its way."""
    job_id = await posted(bench)
    await bench.hear(OUT)
    await update(bench, job_id, {"jobInfo": {"status": "Active", "title": "Other"}}, ADMIN)
    late = (await post(bench, a_posting())).json()["data"]["jobId"]
    assert await find(bench) == []
    assert [await seen(bench, one) for one in (job_id, late)] == [404, 404]
    said = [event for event in (await bench.published())[-2:] if isinstance(event, JobFacts)]
    assert [event.status for event in said] == ["Withheld", "Withheld"]
    await bench.hear(BACK)
    assert sorted(await find(bench)) == ["Other", "Senior Backend Developer"]


async def test_what_he_hid_himself_stays_hidden(bench: Bench) -> None:
    job_id = await posted(bench)
    await update(bench, job_id, {"jobInfo": {"status": "Hidden"}})
    for told in (OUT, BACK):
        await bench.hear(told)
    assert await find(bench) == []
    assert await fact(bench, job_id) == "Hidden"


async def test_many_are_dealt_with_in_batches(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "BATCH", 2)
    jobs = [await posted(bench) for _ in range(5)]
    for told, shown in ((OUT, 0), (BACK, 5)):
        before = len(await bench.published())
        await bench.hear(told)
        assert len(await find(bench)) == shown
        said = (await bench.published())[before:]
        assert [str(e.job_id) for e in said if isinstance(e, JobUpdated)] == jobs
