"""Feedback: what is kept, said and shown, who may, once, and totals that only grow."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.contracts.auth import UserErased
from libs.common.contracts.jobs import JobPosted
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.applications.tests.samples import JobsService, a_candidate, a_job
from services.applications.tests.test_applies import applied

SAMPLE = {"content": "Quy trình phỏng vấn nhanh gọn, HR thân thiện.", "rank": 5}


async def rate(
    bench: Bench, job_id: Any, who: UUID | dict[str, str], body: Any = SAMPLE
) -> httpx.Response:
    caller = who if isinstance(who, dict) else signed_in(Role.CANDIDATE, who)
    path = f"/api/v1/jobs/{job_id}/feedback"
    return await bench.client.post(path, json=body, headers=caller)


async def accepted(bench: Bench, job: JobPosted, status: str = "Accepted") -> UUID:
    """Return a candidate whose application for the job stands there."""
    who = new_id()
    made = await applied(bench, job, who)
    async with bench.db.write() as session:
        values = {"status": status, "id": UUID(made["applyId"])}
        change = text("UPDATE applications SET status = :status WHERE id = :id")
        await session.execute(change, values)
    return who


async def ratings(bench: Bench, job_id: Any, query: str = "") -> httpx.Response:
    """Read them, as somebody who is not signed in."""
    return await bench.client.get(f"/api/v1/jobs/{job_id}/feedback?{query}")


async def said(bench: Bench) -> list[FeedbackSubmitted]:
    return [event for event in await bench.published() if isinstance(event, FeedbackSubmitted)]


@pytest.mark.parametrize("status", ["Accepted", "Finished"])
async def test_the_seeds_sample(bench: Bench, status: str) -> None:
    job = a_job()
    answer = await rate(bench, job.job_id, await accepted(bench, job, status))
    body = answer.json()
    assert (answer.status_code, body["message"], body["error"]) == (
        201,
        "Gửi đánh giá thành công",
        None,
    )
    assert body["data"] == {
        "feedbackId": str(UUID(body["data"]["feedbackId"])),
        "jobId": str(job.job_id),
        "rank": 5,
        "createdAt": body["data"]["createdAt"],
    }
    assert body["data"]["createdAt"].endswith("Z")
    [event] = await said(bench)
    assert event == FeedbackSubmitted(
        feedback_id=UUID(body["data"]["feedbackId"]),
        job_id=job.job_id,
        job_title=job.title,
        employer_id=job.employer_id,
        rank=5,
        job_count=1,
        job_sum=5,
        employer_count=1,
        employer_sum=5,
        submitted_at=body["data"]["createdAt"],
    )
    shown = await ratings(bench, job.job_id)
    assert (shown.status_code, shown.json()["message"]) == (
        200,
        "Lấy danh sách đánh giá thành công",
    )
    unsaid = {"jobId"}
    kept = {key: value for key, value in body["data"].items() if key not in unsaid}
    assert shown.json()["data"] == [kept | {"content": SAMPLE["content"]}]


@pytest.mark.parametrize("status", ["Applied", "Shortlisted", "Interviewed", "Rejected"])
async def test_only_who_was_accepted_rates(bench: Bench, status: str) -> None:
    job, other = a_job(), a_job()
    who = await accepted(bench, job, status)
    await accepted(bench, job)
    for nobody in (who, new_id(), await accepted(bench, other)):
        answer = await rate(bench, job.job_id, nobody)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "FEEDBACK_NOT_ALLOWED")
    assert await said(bench) == []


async def test_who_withdrew_and_was_accepted_later_rates(bench: Bench) -> None:
    job, me = a_job(), new_id()
    made = await applied(bench, job, me)
    mine = signed_in(Role.CANDIDATE, me)
    await bench.client.delete(f"/api/v1/applies/{made['applyId']}", headers=mine)
    assert (await rate(bench, job.job_id, me)).status_code == 409
    again = await applied(bench, job, me)
    await bench.client.put(
        f"/api/v1/applies/{again['applyId']}/status",
        json={"status": "Accepted"},
        headers=signed_in(Role.EMPLOYER, job.employer_id),
    )
    assert (await rate(bench, job.job_id, me)).status_code == 201


async def test_once_even_ten_times_at_once(bench: Bench) -> None:
    job = a_job()
    me = await accepted(bench, job)
    answers = await asyncio.gather(*(rate(bench, job.job_id, me) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["error"]["code"] == "ALREADY_REVIEWED"
    assert refused["message"] == "Bạn đã đánh giá công việc này."
    assert len(await said(bench)) == 1


async def test_the_totals_of_those_who_rate_at_once_count_one_up_each(bench: Bench) -> None:
    job = a_job()
    other = a_job(employer_id=job.employer_id)
    people = [(its, await accepted(bench, its)) for its in (job, other) for _ in range(5)]
    await rate(bench, (strange := a_job()).job_id, await accepted(bench, strange))
    ranks = [1, 2, 3, 4, 5] * 2
    await asyncio.gather(
        *(
            rate(bench, its.job_id, who, {"content": "?", "rank": rank})
            for (its, who), rank in zip(people, ranks, strict=True)
        )
    )
    events = [event for event in await said(bench) if event.employer_id == job.employer_id]
    in_order = sorted(events, key=lambda event: event.employer_count)
    assert [event.employer_count for event in in_order] == [*range(1, 11)]
    total, of_job = 0, {job.job_id: (0, 0), other.job_id: (0, 0)}
    for event in in_order:
        total += event.rank
        count, its_sum = of_job[event.job_id]
        of_job[event.job_id] = (count + 1, its_sum + event.rank)
        assert event.employer_sum == total
        assert (event.job_count, event.job_sum) == of_job[event.job_id]


async def test_the_newest_first_page_by_page_while_more_come(bench: Bench) -> None:
    job = a_job()
    made = []
    for rank in (1, 2, 3):
        answer = await rate(
            bench, job.job_id, await accepted(bench, job), {"content": "x", "rank": rank}
        )
        made.append(answer.json()["data"]["feedbackId"])
    first = await ratings(bench, job.job_id, "limit=2")
    assert first.headers["x-total-count"] == "3"
    await rate(bench, job.job_id, await accepted(bench, job))
    rest = await bench.client.get(first.links["next"]["url"])
    met = [row["feedbackId"] for row in first.json()["data"] + rest.json()["data"]]
    assert met == made[::-1]
    assert "next" not in rest.links


async def test_who_may_rate_and_who_may_read(bench: Bench, jobs_service: JobsService) -> None:
    job = a_job()
    await bench.hear(job)
    owner, admin = signed_in(Role.EMPLOYER, job.employer_id), signed_in(Role.ADMIN)
    for who, status in (({}, 401), (owner, 403), (admin, 403)):
        assert (await rate(bench, job.job_id, who)).status_code == status
    for nothing in ("888", new_id()):
        assert (await rate(bench, nothing, new_id())).status_code == 404
        answer = await ratings(bench, nothing)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    just_posted = jobs_service.know(a_job())
    answer = await rate(bench, just_posted.job_id, new_id())
    assert answer.json()["error"]["code"] == "FEEDBACK_NOT_ALLOWED"
    assert (await ratings(bench, job.job_id)).json()["data"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rank": 0}, "rank"),
        ({"rank": 6}, "rank"),
        ({"rank": 4.5}, "rank"),
        ({"rank": "5"}, "rank"),
        ({"rank": True}, "rank"),
        ({"rank": None}, "rank"),
        ({"content": ""}, "content"),
        ({"content": " \n "}, "content"),
        ({"content": "a\0"}, "content"),
        ({"content": "a" * 5001}, "content"),
        ({"content": 5}, "content"),
        ({"stars": 5}, "stars"),
    ],
)
async def test_bad_bodies(bench: Bench, changes: dict[str, Any], field: str) -> None:
    job = a_job()
    me = await accepted(bench, job)
    answer = await rate(bench, job.job_id, me, SAMPLE | changes)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in error["details"]] == [field]
    for missing in SAMPLE:
        body = {key: value for key, value in SAMPLE.items() if key != missing}
        assert (await rate(bench, job.job_id, me, body)).status_code == 422
    longest = {"content": "ế" * 5000, "rank": 1}
    assert (await rate(bench, job.job_id, me, longest)).status_code == 201


async def test_who_is_erased_leaves_his_rank_and_nothing_else(bench: Bench) -> None:
    job = a_job()
    me = await accepted(bench, job)
    await bench.hear(a_candidate(candidate_id=me))
    await rate(bench, job.job_id, me)
    copy = await bench.client.get("/internal/personal-data", headers=signed_in(Role.CANDIDATE, me))
    [mine] = copy.json()["feedback"]
    assert (mine["content"], mine["rank"]) == (SAMPLE["content"], 5)
    gone = UserErased(user_id=me, role="Candidate", erasure_id=new_id())
    for _ in range(2):
        await bench.hear(gone)
    left = await bench.rows("SELECT candidate_id, content, rank FROM feedbacks")
    assert left == [{"candidate_id": None, "content": None, "rank": 5}]
    [shown] = (await ratings(bench, job.job_id)).json()["data"]
    assert (shown["content"], shown["rank"]) == (None, 5)
    refused = await rate(bench, job.job_id, me)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "TOKEN_INVALID")
    later = {"content": "x", "rank": 2}
    await rate(bench, job.job_id, await accepted(bench, job), later)
    assert (await said(bench))[-1].job_sum == 7
