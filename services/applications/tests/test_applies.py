"""Lists of applications, moving them on, and their history."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from libs.common import clock
from libs.common.contracts.applications import ApplicationStatusChanged
from libs.common.contracts.jobs import JobPosted
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.applications.tests.samples import CV, JobsService, a_candidate, a_job

Headers = Mapping[str, str]


async def applied(bench: Bench, job: JobPosted, candidate_id: UUID | None = None) -> dict[str, Any]:
    """Apply for `job`, heard of before; return the answer's data."""
    await bench.hear(job)
    answer = await bench.client.post(
        f"/api/v1/jobs/{job.job_id}/apply",
        json={"coverLetter": "Tôi có 3 năm kinh nghiệm...", "cvUrl": CV},
        headers=signed_in(Role.CANDIDATE, candidate_id),
    )
    assert answer.status_code == 201
    data: dict[str, Any] = answer.json()["data"]
    return data


def day_of(apply: dict[str, Any]) -> str:
    """Return the day in Vietnam of an application just made."""
    return clock.local_date(datetime.fromisoformat(apply["appliedAt"])).isoformat()


async def moved(bench: Bench, apply_id: str, who: Headers, **body: Any) -> tuple[int, Any]:
    """Ask for a move; return the status, and the data or the error's code."""
    answer = await bench.client.put(
        f"/api/v1/applies/{apply_id}/status", json=body, headers=dict(who)
    )
    error = answer.json()["error"]
    return answer.status_code, error["code"] if error else answer.json()["data"]


async def test_my_applies(bench: Bench) -> None:
    me, jobs = new_id(), [a_job(title="Java Fresher", company_name="FPT Software"), a_job()]
    made = [await applied(bench, job, me) for job in jobs]
    await applied(bench, jobs[0])
    path, headers = "/api/v1/candidates/me/applies", signed_in(Role.CANDIDATE, me)
    answer = await bench.client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")
    assert answer.json() == {
        "message": "Lấy lịch sử ứng tuyển thành công",
        "data": [
            {
                "applyId": apply["applyId"],
                "jobId": str(job.job_id),
                "jobTitle": job.title,
                "companyName": job.company_name,
                "status": "Applied",
                "date": day_of(apply),
            }
            for apply, job in reversed(list(zip(made, jobs, strict=True)))
        ],
        "error": None,
    }
    first = await bench.client.get(path, params={"limit": 1}, headers=headers)
    assert [row["applyId"] for row in first.json()["data"]] == [made[1]["applyId"]]
    second = await bench.client.get(first.links["next"]["url"], headers=headers)
    assert [row["applyId"] for row in second.json()["data"]] == [made[0]["applyId"]]
    assert "next" not in second.links
    for status, total in (("Applied", "2"), ("Rejected", "0"), ("Withdrawn", "0")):
        answer = await bench.client.get(path, params={"status": status}, headers=headers)
        assert answer.headers["x-total-count"] == total


async def test_the_applicants_of_a_job(bench: Bench) -> None:
    job, known, unknown = a_job(), a_candidate(), new_id()
    await bench.hear(known)
    made = await applied(bench, job, known.candidate_id)
    await applied(bench, job, unknown)
    answer = await bench.client.get(
        f"/api/v1/jobs/{job.job_id}/applies", headers=signed_in(Role.EMPLOYER, job.employer_id)
    )
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")
    assert answer.json()["message"] == "Lấy danh sách ứng viên thành công"
    newest, oldest = answer.json()["data"]
    assert oldest == {
        "applyId": made["applyId"],
        "candidateId": str(known.candidate_id),
        "name": "Nguyễn Văn Hoàng",
        "email": "hoang@email.com",
        "cvUrl": CV,
        "coverLetter": "Tôi có 3 năm kinh nghiệm...",
        "status": "Applied",
        "appliedAt": day_of(made),
    }
    assert (newest["candidateId"], newest["name"], newest["email"]) == (str(unknown), None, None)


async def test_the_applicants_by_status(bench: Bench) -> None:
    job = a_job()
    employer = signed_in(Role.EMPLOYER, job.employer_id)
    first, _ = [await applied(bench, job) for _ in range(2)]
    await moved(bench, first["applyId"], employer, status="Accepted")
    answer = await bench.client.get(
        f"/api/v1/jobs/{job.job_id}/applies", params={"status": "Accepted"}, headers=employer
    )
    assert answer.headers["x-total-count"] == "1"
    assert [row["applyId"] for row in answer.json()["data"]] == [first["applyId"]]


async def test_who_sees_which_list(bench: Bench, jobs_service: JobsService) -> None:
    job = jobs_service.know(a_job())
    candidate, employer = signed_in(Role.CANDIDATE), signed_in(Role.EMPLOYER)
    owner = signed_in(Role.EMPLOYER, job.employer_id)
    applicants = f"/api/v1/jobs/{job.job_id}/applies"
    for path, headers, status in (
        ("/api/v1/candidates/me/applies", {}, 401),
        ("/api/v1/candidates/me/applies", employer, 403),
        (applicants, {}, 401),
        (applicants, candidate, 403),
        (applicants, employer, 403),
        (applicants, owner, 200),
        (f"/api/v1/jobs/{new_id()}/applies", owner, 404),
        ("/api/v1/jobs/888/applies", owner, 404),
    ):
        assert (await bench.client.get(path, headers=headers)).status_code == status, path


@pytest.mark.parametrize("query", ["status=Hired", "limit=0", "limit=101", "offset=-1"])
async def test_bad_queries(bench: Bench, query: str) -> None:
    headers = signed_in(Role.CANDIDATE)
    answer = await bench.client.get(f"/api/v1/candidates/me/applies?{query}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_a_move_is_answered_kept_and_said(bench: Bench) -> None:
    job, candidate = a_job(), a_candidate()
    await bench.hear(candidate)
    made = await applied(bench, job, candidate.candidate_id)
    answer = await bench.client.put(
        f"/api/v1/applies/{made['applyId']}/status",
        json={"status": "Interviewed", "note": "Trả lời tốt"},
        headers=signed_in(Role.EMPLOYER, job.employer_id),
    )
    body = answer.json()
    assert (answer.status_code, body["message"]) == (200, "Cập nhật trạng thái hồ sơ thành công")
    at = body["data"]["updatedAt"]
    assert body["data"] == {
        "applyId": made["applyId"],
        "status": "Interviewed",
        "updatedAt": at,
    }
    assert (await bench.published())[1:] == [
        ApplicationStatusChanged(
            application_id=UUID(made["applyId"]),
            job_id=job.job_id,
            job_title=job.title,
            company_name=job.company_name,
            employer_id=job.employer_id,
            candidate_id=candidate.candidate_id,
            candidate_name=candidate.name,
            from_status="Applied",
            to_status="Interviewed",
            changed_at=at,
        )
    ]
    seen = {"from": "Applied", "to": "Interviewed", "by": str(job.employer_id), "at": at}
    for who, note in (
        (signed_in(Role.EMPLOYER, job.employer_id), "Trả lời tốt"),
        (signed_in(Role.CANDIDATE, candidate.candidate_id), None),
    ):
        history = await bench.client.get(f"/api/v1/applies/{made['applyId']}/history", headers=who)
        assert (history.status_code, history.headers["x-total-count"]) == (200, "1")
        assert history.json()["data"] == [seen | {"note": note}]


async def test_the_same_status_again_changes_nothing(bench: Bench) -> None:
    job = a_job()
    owner, made = signed_in(Role.EMPLOYER, job.employer_id), await applied(bench, job)
    status, data = await moved(bench, made["applyId"], owner, status="Applied", note="?")
    assert (status, data["updatedAt"]) == (200, made["appliedAt"])
    assert await bench.rows("SELECT id FROM application_moves") == []
    assert len(await bench.published()) == 1


async def test_the_whole_way_and_no_way_back(bench: Bench) -> None:
    job = a_job()
    owner, made = signed_in(Role.EMPLOYER, job.employer_id), await applied(bench, job)
    way = ["Shortlisted", "Applied", "Interviewed", "Shortlisted", "Accepted", "Finished"]
    for status in way:
        assert (await moved(bench, made["applyId"], owner, status=status))[0] == 200
    refused = await moved(bench, made["applyId"], owner, status="Rejected")
    assert refused == (409, "INVALID_STATUS_TRANSITION")
    history = await bench.client.get(f"/api/v1/applies/{made['applyId']}/history", headers=owner)
    assert [move["to"] for move in history.json()["data"]] == way


async def test_of_two_employers_tabs_one_wins(bench: Bench) -> None:
    job = a_job()
    owner, made = signed_in(Role.EMPLOYER, job.employer_id), await applied(bench, job)
    answers = await asyncio.gather(
        *(moved(bench, made["applyId"], owner, status=to) for to in ["Accepted", "Rejected"] * 5)
    )
    won = [data["status"] for status, data in answers if status == 200]
    assert (len(won), len(set(won))) == (5, 1)
    assert len(await bench.rows("SELECT id FROM application_moves")) == 1
    assert len(await bench.published()) == 2


async def test_who_may_move_and_who_may_look_back(bench: Bench) -> None:
    job, candidate_id = a_job(), new_id()
    made = await applied(bench, job, candidate_id)
    owner = signed_in(Role.EMPLOYER, job.employer_id)
    candidate = signed_in(Role.CANDIDATE, candidate_id)
    employer, stranger = signed_in(Role.EMPLOYER), signed_in(Role.CANDIDATE)
    for headers, may_move, may_read in (
        ({}, 401, 401),
        (stranger, 403, 404),
        (candidate, 403, 200),
        (employer, 404, 404),
        (signed_in(Role.ADMIN), 403, 404),
        (owner, 200, 200),
    ):
        answer = await moved(bench, made["applyId"], headers, status="Shortlisted")
        assert answer[0] == may_move
        path = f"/api/v1/applies/{made['applyId']}/history"
        assert (await bench.client.get(path, headers=headers)).status_code == may_read
    assert (await moved(bench, "9001", owner, status="Rejected"))[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {"status": "Hired"},
        {"status": "Withdrawn"},
        {"status": None},
        {},
        {"status": "Rejected", "note": "a" * 2001},
        {"status": "Rejected", "note": "a\0"},
        {"status": "Rejected", "because": "no"},
    ],
)
async def test_bad_moves(bench: Bench, body: dict[str, Any]) -> None:
    job = a_job()
    owner, made = signed_in(Role.EMPLOYER, job.employer_id), await applied(bench, job)
    assert await moved(bench, made["applyId"], owner, **body) == (422, "VALIDATION_ERROR")
    assert len(await bench.published()) == 1


async def test_the_reference_says_where_an_employer_may_move_one(bench: Bench) -> None:
    shown = bench.app.openapi()["components"]["schemas"]["StatusIn"]["properties"]["status"]
    assert shown["enum"] == [
        *("Applied", "Shortlisted", "Interviewed", "Accepted", "Finished", "Rejected")
    ]
