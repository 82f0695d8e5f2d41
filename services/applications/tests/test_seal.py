"""The seal: what the jobs service is promised before it closes a job, and how the promise ends."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from libs.common.contracts.jobs import JobClosed, JobPosted
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.applications.commands.applying import apply_for
from services.applications.rules import SEAL_LASTS, Status
from services.applications.schemas.applying import ApplyIn
from services.applications.tests.samples import CV, JobsService, a_job


async def seal(bench: Bench, job: JobPosted, who: dict[str, str] | None = None) -> httpx.Response:
    owner = signed_in(Role.EMPLOYER, job.employer_id)
    path = f"/internal/jobs/{job.job_id}/seal"
    return await bench.client.post(path, headers=owner if who is None else who)


async def apply(bench: Bench, job: JobPosted) -> httpx.Response:
    path, who = f"/api/v1/jobs/{job.job_id}/apply", signed_in(Role.CANDIDATE)
    return await bench.client.post(path, json={"cvUrl": CV}, headers=who)


async def move(bench: Bench, job: JobPosted, apply_id: str, status: str) -> None:
    owner = signed_in(Role.EMPLOYER, job.employer_id)
    path = f"/api/v1/applies/{apply_id}/status"
    answer = await bench.client.put(path, json={"status": status}, headers=owner)
    assert answer.status_code == 200, answer.text


async def pass_time(bench: Bench, time: timedelta) -> None:
    """Let so much time of every seal pass."""
    async with bench.db.write() as session:
        earlier = text("UPDATE job_snapshots SET sealed_until = sealed_until - :time")
        await session.execute(earlier, {"time": time})


async def test_a_sealed_job_takes_no_applications(bench: Bench) -> None:
    job = a_job()
    await bench.hear(job)
    for _ in range(2):
        answer = await seal(bench, job)
        assert (answer.status_code, answer.json()) == (200, True)
    refused = await apply(bench, job)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "JOB_CLOSED")
    assert await bench.rows("SELECT id FROM applications") == []


@pytest.mark.parametrize("status", Status)
async def test_only_who_waits_for_an_answer_is_in_its_way(bench: Bench, status: Status) -> None:
    job = a_job()
    await bench.hear(job)
    await apply(bench, job)
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE applications SET status = '{status}'")
    answer = await seal(bench, job)
    if status in {"Applied", "Shortlisted", "Interviewed"}:
        assert (answer.status_code, answer.json()["error"]) == (
            409,
            {"code": "JOB_HAS_PENDING_APPLIES", "details": {"pending": 1}},
        )
        assert (await apply(bench, job)).status_code == 201
    else:
        assert answer.status_code == 200


async def test_a_seal_that_ran_out_is_off_once_the_jobs_service_says_so(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = jobs_service.know(a_job())
    await bench.hear(job)
    await seal(bench, job)
    await pass_time(bench, SEAL_LASTS - timedelta(seconds=5))
    assert (await apply(bench, job)).json()["error"]["code"] == "JOB_CLOSED"
    assert jobs_service.asked == []
    await pass_time(bench, timedelta(seconds=10))
    jobs_service.down = True
    assert (await apply(bench, job)).status_code == 503
    jobs_service.down = False
    assert [(await apply(bench, job)).status_code for _ in range(2)] == [201, 201]
    facts = f"/internal/jobs/{job.job_id}"
    assert [path for path, _ in jobs_service.asked].count(facts) == 1


async def test_a_seal_that_ran_out_stays_where_the_job_was_closed(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = a_job()
    await bench.hear(job)
    await seal(bench, job)
    # the event is late, as it is when the broker is away
    jobs_service.know(job.model_copy(update={"status": "Closed", "version": 2}))
    await pass_time(bench, 2 * SEAL_LASTS)
    for _ in range(2):
        assert (await apply(bench, job)).json()["error"]["code"] == "JOB_CLOSED"
    assert len(jobs_service.asked) == 1


async def test_a_newer_seal_is_not_taken_off_with_the_old_one(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = jobs_service.know(a_job())
    await bench.hear(job)
    await seal(bench, job)
    await pass_time(bench, 2 * SEAL_LASTS)
    sealed = asyncio.Event()
    answer_of = jobs_service.jobs

    class SealedMeanwhile(dict[UUID, JobPosted]):
        def get(self, job_id: UUID, default: JobPosted | None = None) -> JobPosted | None:  # type: ignore[override]
            sealed.set()
            return answer_of.get(job_id, default)

    jobs_service.jobs = SealedMeanwhile()
    async with asyncio.timeout(20):
        first, second = await asyncio.gather(apply(bench, job), _seal_when(sealed, bench, job))
    assert second.status_code in {200, 409}
    assert first.status_code == (409 if second.status_code == 200 else 201)


async def _seal_when(asked: asyncio.Event, bench: Bench, job: JobPosted) -> httpx.Response:
    await asked.wait()
    return await seal(bench, job)


async def test_who_comes_after_the_seal_stands_behind_it(bench: Bench) -> None:
    """However many apply one after the other, the seal has its turn."""
    job = a_job()
    await bench.hear(job)
    async with bench.db.write() as session:
        await apply_for(session, new_id(), job, ApplyIn.model_validate({"cvUrl": CV}))
        sealing = asyncio.create_task(seal(bench, job))
        await _wait_for_waiters(bench, 1)
        later = asyncio.create_task(apply(bench, job))
        await _wait_for_waiters(bench, 2)
    assert (await sealing).status_code == 409
    assert (await later).status_code == 201


async def _wait_for_waiters(bench: Bench, count: int) -> None:
    async with asyncio.timeout(20):
        while len(await bench.rows("SELECT pid FROM pg_locks WHERE NOT granted")) < count:
            await asyncio.sleep(0.02)


async def test_a_job_not_heard_of_is_sealed_all_the_same(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = jobs_service.know(a_job())
    assert (await seal(bench, job)).status_code == 200
    assert (await apply(bench, job)).json()["error"]["code"] == "JOB_CLOSED"
    await bench.hear(job)
    assert (await apply(bench, job)).json()["error"]["code"] == "JOB_CLOSED"


async def test_word_of_the_closing_is_kept_beside_the_seal(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = a_job()
    await bench.hear(job)
    await seal(bench, job)
    await bench.hear(JobClosed(**job.model_dump() | {"status": "Closed", "version": 2}))
    await pass_time(bench, 2 * SEAL_LASTS)
    assert (await apply(bench, job)).json()["error"]["code"] == "JOB_CLOSED"
    assert jobs_service.asked == []


async def test_only_the_owner_or_an_admin_seals(bench: Bench) -> None:
    job = a_job()
    await bench.hear(job)
    assert (await seal(bench, job, {})).status_code == 401
    for role in (Role.CANDIDATE, Role.EMPLOYER):
        assert (await seal(bench, job, signed_in(role))).status_code == 403
    assert (await apply(bench, job)).status_code == 201
    await move(bench, job, str((await _one(bench))["id"]), "Rejected")
    assert (await seal(bench, job, signed_in(Role.ADMIN))).status_code == 200
    unknown = a_job(job_id=new_id())
    assert (await seal(bench, unknown)).status_code == 404


async def _one(bench: Bench) -> dict[str, object]:
    [row] = await bench.rows("SELECT id FROM applications")
    return dict(row)


async def test_the_inside_is_not_in_the_reference(bench: Bench) -> None:
    paths = bench.app.openapi()["paths"]
    assert [path for path in paths if not path.startswith("/api/v1/")] == []
