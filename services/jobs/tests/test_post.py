"""Posting a job: what is kept and said, who may, and what is refused."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.jobs import JobPosted
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.jobs.rules import expires_at
from services.jobs.tests.samples import COMPANY, EMPLOYER, TODAY, a_posting, post, posted, today

LAST_DAY = TODAY + timedelta(days=30)


async def test_the_seeds_sample(bench: Bench) -> None:
    answer = await post(bench, a_posting())
    assert answer.status_code == 201
    body = answer.json()
    assert (body["message"], body["error"]) == ("Đăng tin tuyển dụng thành công", None)
    job_id = body["data"].pop("jobId")
    assert body["data"] == {"title": "Senior Backend Developer", "postDate": str(today())}
    assert await bench.published() == [
        JobPosted(
            job_id=UUID(job_id),
            employer_id=EMPLOYER.employer_id,
            title="Senior Backend Developer",
            company_name="Tech Solutions Inc.",
            status="Active",
            expires_at=expires_at(LAST_DAY),
            version=1,
        )
    ]


async def test_every_field_is_kept(bench: Bench) -> None:
    job_id = await posted(bench, jd={"requirements": "3 năm", "benefits": "Macbook"})
    [kept] = await bench.rows("SELECT * FROM job_descriptions")
    assert kept == {
        "job_id": UUID(job_id),
        "location": "Ho Chi Minh",
        "salary": "2000-3000 USD",
        "salary_min": 2000,
        "salary_max": 3000,
        "salary_currency": "USD",
        "salary_period": "month",
        "quantity": 5,
        "exp_year": 3,
        "level": "Senior",
        "contract_type": "Fulltime",
        "job_type": "Hybrid",
        "description": "Mô tả công việc chi tiết...",
        "requirements": "3 năm",
        "benefits": "Macbook",
    }


FIGURES = {"salaryMin": 20_000_000, "salaryMax": 30_000_000, "currency": "VND", "period": "year"}


@pytest.mark.parametrize(
    ("jd", "kept"),
    [
        ({"salary": "Thỏa thuận"}, ("Thỏa thuận", None, None, None, None)),
        ({"salary": None}, ("Thỏa thuận", None, None, None, None)),
        (
            {"salary": None, **FIGURES},
            ("20000000-30000000 VND/year", 20_000_000, 30_000_000, "VND", "year"),
        ),
        ({"salary": None, "salaryMax": 4000}, ("Up to 4000 USD", None, 4000, "USD", "month")),
        ({"salary": "Hấp dẫn", "salaryMin": 900}, ("Hấp dẫn", 900, None, "USD", "month")),
    ],
)
async def test_salaries_are_kept_as_words_and_figures(
    bench: Bench, jd: dict[str, Any], kept: tuple[Any, ...]
) -> None:
    await posted(bench, jd=jd)
    names = "salary, salary_min, salary_max, salary_currency, salary_period"
    [row] = await bench.rows(f"SELECT {names} FROM job_descriptions")
    assert tuple(row.values()) == kept


async def test_only_employers_post(bench: Bench) -> None:
    anonymous = await bench.client.post("/api/v1/jobs/post", json=a_posting())
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    for role in (Role.CANDIDATE, Role.ADMIN):
        answer = await bench.client.post(
            "/api/v1/jobs/post", json=a_posting(), headers=signed_in(role)
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await bench.published() == []


async def test_the_company_must_be_there_and_complete(bench: Bench) -> None:
    alone = EMPLOYER.model_copy(update={"employer_id": new_id(), "company_id": None})
    early = EMPLOYER.model_copy(update={"employer_id": new_id(), "company_id": new_id()})
    lacks = {"complete": False, "missing": ["taxNumber", "country"]}
    partial = COMPANY.model_copy(update={"company_id": new_id(), **lacks})
    theirs = {"employer_id": new_id(), "company_id": partial.company_id}
    beginner = EMPLOYER.model_copy(update=theirs)
    await bench.hear(alone, early, beginner, partial)
    whole = {"missing": ["taxNumber", "name", "website", "country"]}
    unheard = EMPLOYER.model_copy(update={"employer_id": new_id()})
    for employer, details in (
        *((alone, whole), (early, None)),  # his company is still to be heard of
        *((beginner, {"missing": ["taxNumber", "country"]}), (unheard, None)),
    ):
        answer = await post(bench, a_posting(), employer.employer_id)
        assert answer.status_code == 403
        told = {"code": "COMPANY_PROFILE_INCOMPLETE", "details": details}
        assert answer.json()["error"] == told
    assert answer.json()["message"].startswith("Bạn cần hoàn tất hồ sơ công ty")
    older = {"complete": False, "missing": [], "version": 2}  # as it was said before `missing` was
    await bench.hear(partial.model_copy(update=older))
    answer = await post(bench, a_posting(), beginner.employer_id)
    assert (answer.status_code, answer.json()["error"]["details"]) == (403, None)
    await bench.hear(COMPANY.model_copy(update={"company_id": partial.company_id, "version": 3}))
    assert (await post(bench, a_posting(), beginner.employer_id)).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        ({"skillIds": [1, 99_999]}, "UNKNOWN_SKILL", "One of the skills does not exist."),
        ({"categoryIds": [99_999]}, "UNKNOWN_CATEGORY", "One of the categories does not exist."),
    ],
)
async def test_skills_and_categories_must_be_known(
    bench: Bench, wrong: dict[str, Any], code: str, message: str
) -> None:
    answer = await post(bench, a_posting(**wrong), headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert answer.json()["message"] == message
    assert await bench.rows("SELECT id FROM jobs") == []
    assert await bench.published() == []


async def test_a_skill_named_twice_counts_once(bench: Bench) -> None:
    await posted(bench, skillIds=[2, 1, 2], categoryIds=[5, 5])
    rows = await bench.rows("SELECT skill_id FROM job_skills ORDER BY position")
    assert [row["skill_id"] for row in rows] == [2, 1]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("jobInfo", {"jobInfo": 5}),
        ("jobInfo.title", a_posting(info={"title": None})),
        ("jobInfo.title", a_posting(info={"title": "   "})),
        ("jobInfo.title", a_posting(info={"title": 5})),
        ("jobInfo.title", a_posting(info={"title": "x" * 201})),
        ("jobInfo.title", a_posting(info={"title": "a\0b"})),
        ("jobInfo.title", a_posting(info={"title": "\u200b"})),
        ("jdInfo.location", a_posting(jd={"location": "Hà\u202eNội"})),
        ("jobInfo.expireDate", a_posting(info={"expireDate": str(TODAY)})),
        ("jobInfo.expireDate", a_posting(info={"expireDate": "2020-01-01"})),
        ("jobInfo.expireDate", a_posting(info={"expireDate": "31/12/2099"})),
        ("jobInfo.expireDate", a_posting(info={"expireDate": "9999-12-31"})),
        ("jobInfo.colour", a_posting(info={"colour": "red"})),
        ("jdInfo.salaryMin", a_posting(jd={"salaryMin": -1})),
        ("jdInfo.salaryMax", a_posting(jd={"salaryMax": 2**31})),
        ("jdInfo", a_posting(jd={"salaryMin": 2, "salaryMax": 1})),
        ("jdInfo.currency", a_posting(jd={"currency": "usd"})),
        ("jdInfo.currency", a_posting(jd={"currency": "ZZZ"})),
        ("jdInfo.period", a_posting(jd={"period": "week"})),
        ("jdInfo.quantity", a_posting(jd={"quantity": 0})),
        ("jdInfo.quantity", a_posting(jd={"quantity": 5.0})),
        ("jdInfo.expYear", a_posting(jd={"expYear": "three"})),
        ("jdInfo.expYear", a_posting(jd={"expYear": "3"})),
        ("jdInfo.salaryMin", a_posting(jd={"salaryMin": "900"})),
        ("jdInfo.description", a_posting(jd={"description": "x" * 20_001})),
        ("skillIds", a_posting(skillIds=[])),
        ("skillIds.0", a_posting(skillIds=["Java"])),
        ("skillIds.0", a_posting(skillIds=[2**31])),
        ("skillIds.0", a_posting(skillIds=[True])),
        ("skillIds.0", a_posting(skillIds=["1"])),
        ("categoryIds.0", a_posting(categoryIds=[1.0])),
        ("categoryIds", {**a_posting(), "categoryIds": None}),
        ("employerId", a_posting(employerId="me")),
    ],
)
async def test_wrong_fields_are_refused(bench: Bench, field: str, body: Any) -> None:
    answer = await post(bench, body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert field in [problem["field"] for problem in error["details"]]


async def test_the_same_key_posts_once(bench: Bench) -> None:
    key = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(post(bench, a_posting(), headers=key) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await bench.published()) == 1
    again = await post(bench, a_posting(), headers=key | {"Accept-Language": "en"})
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == answers[0].json() | {"message": "Job posted"}
    other = await post(bench, a_posting(skillIds=[3]), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
