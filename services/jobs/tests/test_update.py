"""Changing a job: what stays, what is said, who may, what is refused, and two at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update as update_of
from sqlmodel import col

from libs.common.contracts.jobs import JobUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.jobs.models import Job
from services.jobs.rules import expires_at
from services.jobs.tests.samples import (
    EMPLOYER,
    LAST_DAY,
    TODAY,
    close,
    detail,
    find,
    make_overdue,
    posted,
    today,
    update,
)

LATER = TODAY + timedelta(days=72)
SAMPLE = {
    "jobInfo": {"title": "Lead Backend Developer", "expireDate": str(LATER)},
    "jdInfo": {"salary": "Up to 4000 USD"},
}


async def test_the_seeds_sample(bench: Bench) -> None:
    job_id = await posted(bench)
    before = await bench.rows("SELECT * FROM job_descriptions")
    answer = await update(bench, job_id, SAMPLE)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["message"], body["error"]) == ("Cập nhật tin tuyển dụng thành công", None)
    assert set(body["data"]) == {"jobId", "updatedAt"}
    assert body["data"]["jobId"] == job_id
    assert body["data"]["updatedAt"].endswith("Z")
    changed_at = datetime.fromisoformat(body["data"]["updatedAt"])
    assert abs(datetime.now(UTC) - changed_at) < timedelta(minutes=1)
    [_, said] = await bench.published()
    assert said == JobUpdated(
        job_id=UUID(job_id),
        employer_id=EMPLOYER.employer_id,
        title="Lead Backend Developer",
        company_name="Tech Solutions Inc.",
        status="Active",
        expires_at=expires_at(LATER),
        version=2,
    )
    pay = {"salary": "Up to 4000 USD", "salary_min": None, "salary_max": 4000}
    assert await bench.rows("SELECT * FROM job_descriptions") == [dict(before[0]) | pay]
    shown = await detail(bench, job_id)
    assert shown["jobInfo"]["title"] == "Lead Backend Developer"
    assert shown["jobInfo"]["expireDate"] == str(LATER)
    assert (shown["skills"], shown["categories"]) == (["Java", "Spring Boot"], ["Backend"])


async def test_what_is_changed_is_found_at_once(bench: Bench) -> None:
    job_id = await posted(bench)
    await update(bench, job_id, {"jobInfo": {"title": "Thủ thư"}, "jdInfo": {"location": "Huế"}})
    assert await find(bench, q="thu thu", loc="hue") == ["Thủ thư"]
    assert await find(bench, q='"senior backend"') == []


async def test_null_clears_what_may_be_absent_and_nothing_else(bench: Bench) -> None:
    job_id = await posted(bench, jd={"requirements": "3 năm", "benefits": "Macbook"})
    cleared = {"level": None, "jobType": None, "requirements": None}
    assert (await update(bench, job_id, {"jdInfo": cleared})).status_code == 200
    [row] = await bench.rows("SELECT * FROM job_descriptions")
    assert [row[name] for name in ("level", "job_type", "requirements")] == [None, None, None]
    assert (row["contract_type"], row["benefits"]) == ("Fulltime", "Macbook")


async def test_an_empty_change_changes_nothing_but_the_time(bench: Bench) -> None:
    job_id = await posted(bench)
    before = await detail(bench, job_id)
    assert (await update(bench, job_id, {})).status_code == 200
    assert await detail(bench, job_id) == before
    assert [event.version for event in await _told(bench)] == [2]


FIGURES = {"salaryMin": 1000, "salaryMax": 2000}


@pytest.mark.parametrize(
    ("first", "change", "kept"),
    [
        (FIGURES, {"salary": "3000 EUR"}, ("3000 EUR", 3000, 3000, "EUR", "month")),
        (FIGURES, {"salary": "Thỏa thuận"}, ("Thỏa thuận", None, None, None, None)),
        (FIGURES, {"salary": None}, ("Thỏa thuận", None, None, None, None)),
        (FIGURES, {"salaryMax": 2500}, ("1000-2500 USD", 1000, 2500, "USD", "month")),
        (FIGURES, {"salaryMin": None}, ("Up to 2000 USD", None, 2000, "USD", "month")),
        (FIGURES, {"period": "year"}, ("1000-2000 USD/year", 1000, 2000, "USD", "year")),
        (
            FIGURES,
            {"salaryMin": None, "salaryMax": None},
            ("Thỏa thuận", None, None, None, None),
        ),
        (
            FIGURES,
            {"salary": "Hấp dẫn", "salaryMin": 9, "currency": "GBP"},
            ("Hấp dẫn", 9, None, "GBP", "month"),
        ),
        ({}, {"salaryMin": 2500}, ("2500-3000 USD", 2500, 3000, "USD", "month")),
        (
            {"salary": "Hấp dẫn"},
            {"currency": "VND"},
            ("Hấp dẫn", None, None, None, None),
        ),
        ({"salary": "Hấp dẫn"}, {"salaryMin": 900}, ("From 900 USD", 900, None, "USD", "month")),
        ({}, {"location": "Huế"}, ("2000-3000 USD", 2000, 3000, "USD", "month")),
    ],
)
async def test_a_salary_is_one_thing_in_words_and_figures(
    bench: Bench, first: dict[str, Any], change: dict[str, Any], kept: tuple[Any, ...]
) -> None:
    before = {"salary": None, **first} if "salaryMin" in first else first
    job_id = await posted(bench, jd=before)
    assert (await update(bench, job_id, {"jdInfo": change})).status_code == 200
    names = "salary, salary_min, salary_max, salary_currency, salary_period"
    [row] = await bench.rows(f"SELECT {names} FROM job_descriptions")
    assert tuple(row.values()) == kept


async def test_skills_and_categories_are_given_anew(bench: Bench) -> None:
    job_id = await posted(bench, skillIds=[1, 2], categoryIds=[5])
    await update(bench, job_id, {"skillIds": [10, 2, 10]})
    shown = await detail(bench, job_id)
    assert (shown["skills"], shown["categories"]) == (["PostgreSQL", "Spring Boot"], ["Backend"])
    await update(bench, job_id, {"categoryIds": [1, 5]})
    shown = await detail(bench, job_id)
    assert shown["skills"] == ["PostgreSQL", "Spring Boot"]
    assert shown["categories"] == ["IT - Phần mềm", "Backend"]
    assert await find(bench, skill="Java") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [({"skillIds": [99_999]}, "UNKNOWN_SKILL"), ({"categoryIds": [99_999]}, "UNKNOWN_CATEGORY")],
)
async def test_unknown_skills_and_categories_change_nothing(
    bench: Bench, body: dict[str, Any], code: str
) -> None:
    job_id = await posted(bench)
    before = await detail(bench, job_id)
    answer = await update(bench, job_id, {"jobInfo": {"title": "Other"}, **body})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert await detail(bench, job_id) == before
    assert await _told(bench) == []


async def test_hidden_is_in_no_list_and_shown_again(bench: Bench) -> None:
    job_id = await posted(bench)
    await update(bench, job_id, {"jobInfo": {"status": "Hidden"}})
    assert await find(bench) == []
    assert (await detail(bench, job_id))["jobInfo"]["status"] == "Hidden"
    await update(bench, job_id, {"jobInfo": {"status": "Active"}})
    assert await find(bench) == ["Senior Backend Developer"]
    assert [event.status for event in await _told(bench)] == ["Hidden", "Active"]


async def test_a_later_day_opens_an_expired_job_again(bench: Bench) -> None:
    job_id = await posted(bench)
    await make_overdue(bench, job_id)
    for body in ({"jobInfo": {"title": "Other"}}, {}):
        assert (await update(bench, job_id, body)).status_code == 200
    early = await update(bench, job_id, {"jobInfo": {"status": "Active"}})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "JOB_EXPIRED")
    assert (await detail(bench, job_id))["jobInfo"]["status"] == "Expired"
    assert await find(bench) == []
    await update(bench, job_id, {"jobInfo": {"expireDate": LAST_DAY}})
    assert await find(bench) == ["Other"]
    assert [event.status for event in await _told(bench)] == ["Expired", "Expired", "Active"]


@pytest.mark.parametrize("ago", [0, 1])
async def test_the_last_day_may_come_back_as_it_was(bench: Bench, ago: int) -> None:
    """A form sends everything: on the last day, and after it, too."""
    job_id, last = await posted(bench), today() - timedelta(days=ago)
    async with bench.db.write() as session:
        end = update_of(Job).where(col(Job.id) == UUID(job_id)).values(expires_at=expires_at(last))
        await session.execute(end)
    body = {"jobInfo": {"title": "Same", "expireDate": str(last)}}
    assert (await update(bench, job_id, body)).status_code == 200
    shown = (await detail(bench, job_id))["jobInfo"]
    assert (shown["title"], shown["expireDate"]) == ("Same", str(last))
    assert shown["status"] == ("Expired" if ago else "Active")
    body["jobInfo"]["expireDate"] = str(last - timedelta(days=1))
    assert (await update(bench, job_id, body)).status_code == 422


async def test_a_closed_job_is_not_changed(bench: Bench) -> None:
    job_id = await posted(bench)
    await close(bench, job_id)
    for body in (SAMPLE, {}, {"jobInfo": {"status": "Active"}}):
        answer = await update(bench, job_id, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "JOB_CLOSED")
    assert answer.json()["message"] == "Tin tuyển dụng này đã đóng."


async def test_the_owner_or_an_admin_changes_it(bench: Bench) -> None:
    job_id = await posted(bench)
    anonymous = await update(bench, job_id, SAMPLE, {})
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    for role in (Role.CANDIDATE, Role.EMPLOYER):
        stranger = await update(bench, job_id, SAMPLE, signed_in(role))
        assert (stranger.status_code, stranger.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await _told(bench) == []
    assert (await update(bench, job_id, SAMPLE, signed_in(Role.ADMIN))).status_code == 200
    assert [event.employer_id for event in await _told(bench)] == [EMPLOYER.employer_id]


@pytest.mark.parametrize("job_id", ["888", "01a1ff41-0000-7000-8000-000000000001"])
async def test_an_unknown_job(bench: Bench, job_id: str) -> None:
    answer = await update(bench, job_id, SAMPLE, signed_in(Role.ADMIN))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("jobInfo", {"jobInfo": None}),
        ("jobInfo.title", {"jobInfo": {"title": None}}),
        ("jobInfo.title", {"jobInfo": {"title": " "}}),
        ("jobInfo.title", {"jobInfo": {"title": "a\0b"}}),
        ("jobInfo.title", {"jobInfo": {"title": "x" * 201}}),
        ("jobInfo.expireDate", {"jobInfo": {"expireDate": str(TODAY)}}),
        ("jobInfo.expireDate", {"jobInfo": {"expireDate": None}}),
        ("jobInfo.status", {"jobInfo": {"status": "Closed"}}),
        ("jobInfo.status", {"jobInfo": {"status": "Expired"}}),
        ("jobInfo.status", {"jobInfo": {"status": None}}),
        ("jobInfo.colour", {"jobInfo": {"colour": "red"}}),
        ("jdInfo.location", {"jdInfo": {"location": None}}),
        ("jdInfo.quantity", {"jdInfo": {"quantity": "5"}}),
        ("jdInfo.description", {"jdInfo": {"description": None}}),
        ("jdInfo.currency", {"jdInfo": {"currency": None}}),
        ("jdInfo", {"jdInfo": {"salaryMin": 3001}}),
        ("jdInfo", {"jdInfo": {"salaryMin": 2, "salaryMax": 1}}),
        ("skillIds", {"skillIds": []}),
        ("skillIds", {"skillIds": None}),
        ("categoryIds", {"categoryIds": []}),
        ("categoryIds.0", {"categoryIds": ["5"]}),
        ("employerId", {"employerId": "me"}),
    ],
)
async def test_wrong_fields_are_refused(bench: Bench, field: str, body: Any) -> None:
    job_id = await posted(bench)
    answer = await update(bench, job_id, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert field in [problem["field"] for problem in answer.json()["error"]["details"]]
    assert "Status." not in answer.text
    assert await _told(bench) == []


async def test_many_at_once_lose_nothing(bench: Bench) -> None:
    job_id = await posted(bench)
    changes = [
        {"jobInfo": {"title": "Lead"}},
        {"jdInfo": {"location": "Huế"}},
        {"jdInfo": {"salaryMin": 2500}},
        {"jdInfo": {"salaryMax": 3500}},
        {"jdInfo": {"benefits": "Macbook"}},
        {"skillIds": [10]},
        {"skillIds": [10]},
        {"categoryIds": [1]},
    ]
    answers = await asyncio.gather(*(update(bench, job_id, change) for change in changes))
    assert {answer.status_code for answer in answers} == {200}
    [row] = await bench.rows("SELECT * FROM job_descriptions")
    assert (row["location"], row["benefits"]) == ("Huế", "Macbook")
    assert (row["salary"], row["salary_min"], row["salary_max"]) == ("2500-3500 USD", 2500, 3500)
    shown = await detail(bench, job_id)
    assert (shown["jobInfo"]["title"], shown["skills"]) == ("Lead", ["PostgreSQL"])
    assert shown["categories"] == ["IT - Phần mềm"]
    assert [event.version for event in await _told(bench)] == [*range(2, len(changes) + 2)]


async def _told(bench: Bench) -> list[JobUpdated]:
    said = [event for event in await bench.published() if isinstance(event, JobUpdated)]
    return sorted(said, key=lambda event: event.version)
