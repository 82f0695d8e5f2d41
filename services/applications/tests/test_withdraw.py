"""Withdrawing: what is kept and said, who may, until when, applying again, and races."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationWithdrawn
from libs.common.contracts.jobs import JobPosted, JobUpdated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.applications.tests.samples import a_candidate, a_job
from services.applications.tests.test_applies import applied, moved

ME = new_id()
MINE = signed_in(Role.CANDIDATE, ME)


async def withdraw(bench: Bench, apply_id: str, who: Mapping[str, str] = MINE) -> httpx.Response:
    return await bench.client.delete(f"/api/v1/applies/{apply_id}", headers=dict(who))


def owner_of(job: JobPosted) -> dict[str, str]:
    return signed_in(Role.EMPLOYER, job.employer_id)


async def listed(bench: Bench, path: str, who: Mapping[str, str]) -> Any:
    return (await bench.client.get(f"/api/v1/{path}", headers=dict(who))).json()["data"]


async def test_the_seeds_sample_and_what_is_kept_and_said(bench: Bench) -> None:
    job, me = a_job(), a_candidate(candidate_id=ME)
    await bench.hear(me)
    made = await applied(bench, job, ME)
    await moved(bench, made["applyId"], owner_of(job), status="Shortlisted", note="Tốt")
    answer = await withdraw(bench, made["applyId"])
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Đã rút hồ sơ thành công", "data": [], "error": None},
    )
    said = (await bench.published())[-1]
    assert isinstance(said, ApplicationWithdrawn)
    assert said == ApplicationWithdrawn(
        application_id=UUID(made["applyId"]),
        job_id=job.job_id,
        job_title=job.title,
        company_name=job.company_name,
        employer_id=job.employer_id,
        candidate_id=ME,
        candidate_name=me.name,
        from_status="Shortlisted",
        withdrawn_at=said.withdrawn_at,
    )
    at = said.withdrawn_at.isoformat().replace("+00:00", "Z")
    last = {"from": "Shortlisted", "to": "Withdrawn", "by": str(ME), "at": at, "note": None}
    for who in (MINE, owner_of(job)):
        assert (await listed(bench, f"applies/{made['applyId']}/history", who))[-1] == last
        path = "candidates/me/applies" if who is MINE else f"jobs/{job.job_id}/applies"
        [shown] = await listed(bench, f"{path}?status=Withdrawn", who)
        assert (shown["applyId"], shown["status"]) == (made["applyId"], "Withdrawn")
        assert await listed(bench, f"{path}?status=Shortlisted", who) == []


async def test_who_has_withdrawn_may_apply_again_and_again(bench: Bench) -> None:
    job = a_job()
    made = [await applied(bench, job, ME)]
    for _ in range(2):
        assert (await withdraw(bench, made[-1]["applyId"])).status_code == 200
        made.append(await applied(bench, job, ME))
    again = await bench.client.post(
        f"/api/v1/jobs/{job.job_id}/apply", json={"cvUrl": "https://a.vn/cv"}, headers=MINE
    )
    assert again.json()["error"]["code"] == "ALREADY_APPLIED"
    mine = await listed(bench, "candidates/me/applies", MINE)
    assert [row["applyId"] for row in mine] == [one["applyId"] for one in reversed(made)]
    assert [row["status"] for row in mine] == ["Applied", "Withdrawn", "Withdrawn"]
    names = [event.event_name for event in await bench.published()]
    assert names == ["application.submitted", "application.withdrawn"] * 2 + [names[0]]


@pytest.mark.parametrize("status", ["Accepted", "Rejected", "Finished", "Withdrawn"])
async def test_what_was_answered_is_not_taken_back(bench: Bench, status: str) -> None:
    made = await applied(bench, a_job(), ME)
    async with bench.db.write() as session:
        await session.execute(text("UPDATE applications SET status = :s"), {"s": status})
    answer = await withdraw(bench, made["applyId"], MINE | {"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        {"code": "WITHDRAWAL_NOT_ALLOWED", "details": {"status": status, "jobExpired": False}},
    )
    assert answer.json()["message"].startswith("The application cannot be withdrawn")
    assert await bench.rows("SELECT id FROM application_moves") == []
    assert len(await bench.published()) == 1


async def test_nothing_is_taken_back_after_the_jobs_last_day(bench: Bench) -> None:
    job = a_job()
    made = await applied(bench, job, ME)
    over = job.model_dump() | {"expires_at": clock.now() - timedelta(seconds=1), "version": 2}
    await bench.hear(JobUpdated(**over))
    answer = await withdraw(bench, made["applyId"])
    details = {"status": "Applied", "jobExpired": True}
    assert (answer.status_code, answer.json()["error"]["details"]) == (409, details)
    later = over | {"expires_at": clock.now() + timedelta(days=1), "version": 3}
    await bench.hear(JobUpdated(**later))
    assert (await withdraw(bench, made["applyId"])).status_code == 200


async def test_who_may_withdraw(bench: Bench) -> None:
    job = a_job()
    made = await applied(bench, job, ME)
    for who, status in (
        ({}, 401),
        (signed_in(Role.CANDIDATE), 404),
        (owner_of(job), 403),
        (signed_in(Role.ADMIN), 403),
        (MINE, 200),
    ):
        assert (await withdraw(bench, made["applyId"], who)).status_code == status
    for nothing in ("9001", new_id()):
        answer = await withdraw(bench, str(nothing))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_an_employer_neither_sets_withdrawn_nor_moves_what_is(bench: Bench) -> None:
    job = a_job()
    made = await applied(bench, job, ME)
    refused = await moved(bench, made["applyId"], owner_of(job), status="Withdrawn")
    assert refused == (422, "VALIDATION_ERROR")
    await withdraw(bench, made["applyId"])
    for status in ("Applied", "Interviewed", "Accepted", "Rejected"):
        refused = await moved(bench, made["applyId"], owner_of(job), status=status)
        assert refused == (409, "INVALID_STATUS_TRANSITION")


async def test_of_many_withdrawals_at_once_one_is_made(bench: Bench) -> None:
    made = await applied(bench, a_job(), ME)
    answers = await asyncio.gather(*(withdraw(bench, made["applyId"]) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert len(await bench.rows("SELECT id FROM application_moves")) == 1
    assert [type(event) for event in await bench.published()][1:] == [ApplicationWithdrawn]


@pytest.mark.parametrize("employer_first", [True, False])
@pytest.mark.parametrize("answer", ["Accepted", "Rejected"])
async def test_of_an_answer_and_a_withdrawal_at_once_one_wins(
    bench: Bench, answer: str, *, employer_first: bool
) -> None:
    for _ in range(5):
        job = a_job()
        made = await applied(bench, job, ME)
        before = len(await bench.published())
        answering = moved(bench, made["applyId"], owner_of(job), status=answer)
        withdrawing = withdraw(bench, made["applyId"])
        if employer_first:
            moving, withdrawn = await asyncio.gather(answering, withdrawing)
        else:
            withdrawn, moving = await asyncio.gather(withdrawing, answering)
        assert sorted([moving[0], withdrawn.status_code]) == [200, 409]
        said = (await bench.published())[before:]
        wins = ApplicationWithdrawn if moving[0] == 409 else ApplicationStatusChanged
        assert [type(event) for event in said] == [wins]
        [kept] = await bench.rows(
            "SELECT status, (SELECT array_agg(to_status) FROM application_moves"
            " WHERE application_id = applications.id) AS moves"
            " FROM applications WHERE id = :id",
            id=UUID(made["applyId"]),
        )
        won = "Withdrawn" if moving[0] == 409 else answer
        assert kept == {"status": won, "moves": [won]}


async def test_who_has_withdrawn_does_not_keep_the_job_open(bench: Bench) -> None:
    job = a_job()
    made = await applied(bench, job, ME)
    path = f"/internal/jobs/{job.job_id}/seal"
    assert (await bench.client.post(path, headers=owner_of(job))).status_code == 409
    await withdraw(bench, made["applyId"])
    assert (await bench.client.post(path, headers=owner_of(job))).status_code == 200
