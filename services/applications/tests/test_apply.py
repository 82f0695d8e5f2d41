"""Applying for a job: what is kept and said, who may, what is refused, and races."""

import asyncio
from collections.abc import Mapping, MutableMapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.files import file_url, new_key, reference_to
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, BenchOf, signed_in
from services.applications.service import service
from services.applications.tests.samples import (
    CV,
    DEFAULT_CV,
    JobsService,
    a_candidate,
    a_job,
)

LETTER = "Tôi có 3 năm kinh nghiệm và rất mong muốn được làm việc..."


async def apply(
    bench: Bench,
    job_id: UUID | str,
    candidate_id: UUID | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    return await bench.client.post(
        f"/api/v1/jobs/{job_id}/apply",
        json={"coverLetter": LETTER, "cvUrl": CV} if body is None else body,
        headers=signed_in(Role.CANDIDATE, candidate_id) | dict(headers or {}),
    )


async def test_the_seeds_sample(bench: Bench) -> None:
    job, candidate = a_job(), a_candidate()
    await bench.hear(job, candidate)
    answer = await apply(bench, job.job_id, candidate.candidate_id)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["message"], body["error"]) == ("Nộp hồ sơ ứng tuyển thành công", None)
    assert set(body["data"]) == {"applyId", "jobId", "status", "appliedAt"}
    assert (body["data"]["jobId"], body["data"]["status"]) == (str(job.job_id), "Applied")
    assert body["data"]["appliedAt"].endswith("Z")
    [event] = await bench.published()
    assert event == ApplicationSubmitted(
        application_id=UUID(body["data"]["applyId"]),
        job_id=job.job_id,
        job_title=job.title,
        company_name=job.company_name,
        employer_id=job.employer_id,
        candidate_id=candidate.candidate_id,
        candidate_name="Nguyễn Văn Hoàng",
        submitted_at=body["data"]["appliedAt"],
    )
    [row] = await bench.rows("SELECT cv_url, cover_letter FROM applications")
    assert row == {"cv_url": CV, "cover_letter": LETTER}


async def test_a_stored_cv_is_fixed_as_such_and_shown_by_a_link(bench: Bench) -> None:
    job, candidate = a_job(), a_candidate()
    key = new_key("cvs", candidate.candidate_id, "pdf")
    await bench.hear(job, candidate.model_copy(update={"cv_url": reference_to(key)}))
    assert (await apply(bench, job.job_id, candidate.candidate_id, body={})).status_code == 201
    newer = {"cv_url": DEFAULT_CV, "version": 2}
    await bench.hear(candidate.model_copy(update=newer))
    assert await bench.rows("SELECT cv_url FROM applications") == [{"cv_url": f"store:{key}"}]
    listed = await bench.client.get(
        f"/api/v1/jobs/{job.job_id}/applies", headers=signed_in(Role.EMPLOYER, job.employer_id)
    )
    [shown] = listed.json()["data"]
    assert shown["cvUrl"] == file_url(bench.runtime.settings, reference_to(key))
    assert shown["cvUrl"].startswith(f"http://localhost:8000/api/v1/files/{key}?expires=")


@pytest.mark.parametrize("public", ["https://api.example.vn", None])
async def test_a_link_to_his_own_cv_is_kept_as_the_file(
    bench_of: BenchOf, monkeypatch: pytest.MonkeyPatch, public: str | None
) -> None:
    if public:
        monkeypatch.setenv("PUBLIC_URL", public)
    bench = await bench_of(service, peers={"jobs": JobsService()})
    me, job = new_id(), a_job()
    await bench.hear(job)
    mine = reference_to(new_key("cvs", me, "docx"))
    body = {"cvUrl": file_url(bench.runtime.settings, mine)}
    assert (await apply(bench, job.job_id, me, body=body)).status_code == 201
    assert await bench.rows("SELECT cv_url FROM applications") == [{"cv_url": mine}]
    await bench.hear(other := a_job())
    elsewhere = {"cvUrl": "https://a.vn/cv.pdf"}
    assert (await apply(bench, other.job_id, me, body=elsewhere)).status_code == 201
    path = "/internal/cvs"
    told = await bench.client.get(path, headers=signed_in(Role.CANDIDATE, me))
    assert (told.status_code, told.json()) == (200, [mine])
    assert (await bench.client.get(path, headers=signed_in(Role.CANDIDATE))).json() == []
    assert (await bench.client.get(path, headers=signed_in(Role.EMPLOYER, me))).status_code == 403
    assert (await bench.client.get(path)).status_code == 401


async def test_only_candidates_apply(bench: Bench) -> None:
    job = a_job()
    await bench.hear(job)
    path, body = f"/api/v1/jobs/{job.job_id}/apply", {"cvUrl": CV}
    assert (await bench.client.post(path, json=body)).status_code == 401
    for role in (Role.EMPLOYER, Role.ADMIN):
        answer = await bench.client.post(path, json=body, headers=signed_in(role))
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await bench.published() == []


async def test_a_job_not_heard_of_is_asked_of_its_owner_once(
    bench: Bench, jobs_service: JobsService
) -> None:
    job, me = jobs_service.know(a_job()), signed_in(Role.CANDIDATE)
    answers = [
        await bench.client.post(f"/api/v1/jobs/{job.job_id}/apply", json={"cvUrl": CV}, headers=who)
        for who in (me, signed_in(Role.CANDIDATE))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert jobs_service.asked == [(f"/internal/jobs/{job.job_id}", me["Authorization"])]


async def test_nothing_is_held_while_the_owner_is_asked(
    bench_of: BenchOf, jobs_service: JobsService
) -> None:
    held: list[int] = []

    async def watched(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        held.append(bench.db.writers.in_use)
        await jobs_service(scope, receive, send)

    bench, job = await bench_of(service, peers={"jobs": watched}), jobs_service.know(a_job())
    answer = await apply(bench, job.job_id, headers={"Idempotency-Key": "one"})
    assert (answer.status_code, held) == (201, [0])


@pytest.mark.parametrize("job_id", ["888", "01936f3e-7b1c-7000-8000-000000000000"])
async def test_a_job_that_nobody_knows(bench: Bench, job_id: str) -> None:
    answer = await apply(bench, job_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_the_owner_of_jobs_is_down(bench: Bench, jobs_service: JobsService) -> None:
    jobs_service.down = True
    answer = await apply(bench, new_id())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    error = {"code": "SERVICE_UNAVAILABLE", "details": {"service": "jobs"}}
    assert (answer.json()["data"], answer.json()["error"]) == (None, error)
    known = a_job()
    await bench.hear(known)
    assert (await apply(bench, known.job_id)).status_code == 201


async def test_without_a_cv_the_default_one_is_sent(bench: Bench) -> None:
    job, candidate = a_job(), a_candidate()
    await bench.hear(job, candidate)
    answer = await apply(bench, job.job_id, candidate.candidate_id, {"cvUrl": None})
    assert answer.status_code == 201
    await bench.hear(a_candidate(candidate_id=candidate.candidate_id, cv_url=CV, version=2))
    assert await bench.rows("SELECT cv_url FROM applications") == [{"cv_url": DEFAULT_CV}]


async def test_without_any_cv(bench: Bench) -> None:
    job, candidate = a_job(), a_candidate(cv_url=None)
    await bench.hear(job, candidate)
    for who in (candidate.candidate_id, new_id()):
        answer = await apply(bench, job.job_id, who, {"coverLetter": LETTER})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CV_REQUIRED")


async def test_a_candidate_not_heard_of_applies_with_a_cv(bench: Bench) -> None:
    job = a_job()
    await bench.hear(job)
    assert (await apply(bench, job.job_id, body={"cvUrl": CV})).status_code == 201
    [event] = await bench.published()
    assert isinstance(event, ApplicationSubmitted)
    assert event.candidate_name == ""


@pytest.mark.parametrize(
    ("changes", "status", "code", "said"),
    [
        ({"status": "Closed"}, 409, "JOB_CLOSED", "This job takes no more applications."),
        ({"status": "Withheld"}, 404, "NOT_FOUND", "There is nothing here."),
        (
            {"expires_at": clock.now() - timedelta(seconds=1)},
            *(409, "JOB_EXPIRED"),
            "The deadline for applying for this job has passed.",
        ),
    ],
)
async def test_a_job_that_is_not_open(
    bench: Bench, changes: dict[str, Any], status: int, code: str, said: str
) -> None:
    job = a_job(**changes)
    await bench.hear(job)
    answer = await apply(bench, job.job_id, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["message"] == said


async def test_twenty_at_once_are_one_application_and_one_event(bench: Bench) -> None:
    job, me = a_job(), new_id()
    await bench.hear(job)
    answers = await asyncio.gather(*(apply(bench, job.job_id, me) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["error"]["code"] == "ALREADY_APPLIED"
    assert refused["message"] == "Bạn đã ứng tuyển vào công việc này."
    assert await bench.rows("SELECT candidate_id FROM applications") == [{"candidate_id": me}]
    assert len(await bench.published()) == 1


async def test_twenty_strangers_at_once_for_a_job_not_heard_of(
    bench: Bench, jobs_service: JobsService
) -> None:
    job = jobs_service.know(a_job())
    answers = await asyncio.gather(*(apply(bench, job.job_id) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len(await bench.published()) == 20


async def test_twenty_with_one_idempotency_key_get_one_answer(bench: Bench) -> None:
    job, me = a_job(), new_id()
    await bench.hear(job)
    key = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(apply(bench, job.job_id, me, headers=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await bench.published()) == 1
    other = await apply(bench, job.job_id, me, {"cvUrl": CV}, key)
    assert other.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_refused_request_leaves_its_idempotency_key_free(bench: Bench) -> None:
    job, me = a_job(), new_id()
    await bench.hear(job)
    key = {"Idempotency-Key": "one"}
    for body, status in (({"cvUrl": 1}, 422), ({}, 422), ({"cvUrl": CV}, 201)):
        assert (await apply(bench, job.job_id, me, body, key)).status_code == status


async def test_who_has_withdrawn_may_apply_again(bench: Bench) -> None:
    job, me = a_job(), new_id()
    await bench.hear(job)
    assert (await apply(bench, job.job_id, me)).status_code == 201
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE applications SET status = 'Withdrawn'")
    assert (await apply(bench, job.job_id, me)).status_code == 201
    assert (await apply(bench, job.job_id, me)).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cvUrl": "http://storage.mysite.com/cv.pdf"}, "cvUrl"),
        ({"cvUrl": "javascript:alert(1)"}, "cvUrl"),
        ({"cvUrl": "https://"}, "cvUrl"),
        ({"cvUrl": ""}, "cvUrl"),
        ({"cvUrl": "https://a.vn/" + "a" * 2048}, "cvUrl"),
        ({"cvUrl": 7}, "cvUrl"),
        ({"cvUrl": CV, "coverLetter": "a" * 10_001}, "coverLetter"),
        ({"cvUrl": CV, "coverLetter": "a\0b"}, "coverLetter"),
        ({"cvUrl": CV, "coverLetter": ["a"]}, "coverLetter"),
        ({"cvUrl": CV, "salary": 1}, "salary"),
        ([], ""),
    ],
)
async def test_bad_bodies(bench: Bench, body: Any, field: str) -> None:
    job = a_job()
    await bench.hear(job)
    answer = await apply(bench, job.job_id, body=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert field.removeprefix("").removeprefix("body") in {
        problem["field"] for problem in error["details"]
    }


async def test_the_longest_letter_is_kept_in_nfc(bench: Bench) -> None:
    job = a_job()
    await bench.hear(job)
    decomposed = "e\u0302\u0301" + "a" * 9_997
    answer = await apply(bench, job.job_id, body={"cvUrl": CV, "coverLetter": decomposed})
    assert answer.status_code == 201
    [row] = await bench.rows("SELECT cover_letter FROM applications")
    assert row["cover_letter"] == "ế" + "a" * 9_997
