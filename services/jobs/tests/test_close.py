"""Closing a job: asked of the applications service first, said once, for good."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.contracts.jobs import JobClosed
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, BenchOf, signed_in
from services.jobs.commands import lifecycle
from services.jobs.service import service
from services.jobs.tests.samples import (
    COMPANY,
    EMPLOYER,
    ME,
    ApplicationsService,
    close,
    detail,
    find,
    make_overdue,
    posted,
    update,
)


async def test_the_seeds_sample(bench: Bench, applications_service: ApplicationsService) -> None:
    job_id = await posted(bench)
    answer = await close(bench, job_id)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Đã đóng tin tuyển dụng thành công",
        "data": True,
        "error": None,
    }
    seal = f"/internal/jobs/{job_id}/seal"
    assert applications_service.asked == [("POST", seal, ME["Authorization"])]
    [_, said] = await bench.published()
    assert isinstance(said, JobClosed)
    assert (said.job_id, said.status, said.version) == (UUID(job_id), "Closed", 2)
    assert said.company_name == "Tech Solutions Inc."
    assert (await detail(bench, job_id))["jobInfo"]["status"] == "Closed"
    assert await find(bench) == []


async def test_again_it_is_closed_already(
    bench: Bench, applications_service: ApplicationsService
) -> None:
    job_id = await posted(bench)
    first = await close(bench, job_id)
    applications_service.status = 0
    again = await close(bench, job_id)
    assert (again.status_code, again.content) == (200, first.content)
    assert len(await bench.published()) == 2


async def test_many_at_once_say_it_once(bench: Bench) -> None:
    job_id = await posted(bench)
    answers = await asyncio.gather(*(close(bench, job_id) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await bench.published()) == 2


async def test_not_while_somebody_waits_for_an_answer(
    bench: Bench, applications_service: ApplicationsService
) -> None:
    job_id = await posted(bench)
    applications_service.status = 409
    answer = await close(bench, job_id)
    error = {"code": "JOB_HAS_PENDING_APPLIES", "details": {"pending": 3}}
    assert (answer.status_code, answer.json()["error"]) == (409, error)
    assert answer.json()["message"] == "Không thể đóng tin khi còn hồ sơ ứng tuyển đang chờ xử lý."
    assert await find(bench) == ["Senior Backend Developer"]
    assert len(await bench.published()) == 1


@pytest.mark.parametrize("status", [0, 401, 404, 500, 503])
async def test_not_without_the_applications_service(
    bench: Bench, applications_service: ApplicationsService, status: int
) -> None:
    job_id = await posted(bench)
    applications_service.status = status
    answer = await close(bench, job_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert len(applications_service.asked) == 2
    assert (await detail(bench, job_id))["jobInfo"]["status"] == "Active"
    assert len(await bench.published()) == 1


async def test_not_after_the_seals_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = await posted(bench)
    instants = [1000.0, 1030.1]
    monkeypatch.setattr(lifecycle, "monotonic", lambda: instants.pop(0))
    answer = await close(bench, job_id)
    assert (answer.status_code, instants) == (503, [])
    assert (await detail(bench, job_id))["jobInfo"]["status"] == "Active"
    assert len(await bench.published()) == 1
    monkeypatch.undo()
    assert (await close(bench, job_id)).status_code == 200


async def test_hidden_and_expired_jobs_are_closed_too(bench: Bench) -> None:
    hidden, overdue = await posted(bench), await posted(bench)
    await update(bench, hidden, {"jobInfo": {"status": "Hidden"}})
    await make_overdue(bench, overdue)
    for job_id in (hidden, overdue):
        assert (await close(bench, job_id)).status_code == 200
        assert (await detail(bench, job_id))["jobInfo"]["status"] == "Closed"


async def test_the_owner_or_an_admin_closes_it(
    bench: Bench, applications_service: ApplicationsService
) -> None:
    job_id = await posted(bench)
    anonymous = await close(bench, job_id, {})
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    for role in (Role.CANDIDATE, Role.EMPLOYER):
        stranger = await close(bench, job_id, signed_in(role))
        assert (stranger.status_code, stranger.json()["error"]["code"]) == (403, "FORBIDDEN")
    for unknown in ("888", str(new_id())):
        answer = await close(bench, unknown, signed_in(Role.ADMIN))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert applications_service.asked == []
    assert (await close(bench, job_id, signed_in(Role.ADMIN))).status_code == 200


async def test_nothing_is_held_while_the_applications_service_is_asked(bench_of: BenchOf) -> None:
    held: list[int] = []

    async def watching(scope: object, receive: object, send: object) -> None:
        count = "SELECT count(*) AS locks FROM pg_locks WHERE mode = 'RowShareLock'"
        async with bench.db.read() as session:
            locks = (await session.execute(text(count))).scalar_one()
        held.append(locks)
        raise ConnectionRefusedError

    bench = await bench_of(service, peers={"applications": watching})
    await bench.hear(EMPLOYER, COMPANY)
    job_id = await posted(bench)
    assert (await close(bench, job_id)).status_code == 503
    assert held == [0, 0]
