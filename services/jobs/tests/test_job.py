"""One job: what everyone reads of it, and what other services are told."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.jobs import JobFacts
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.jobs.schemas.jobs import JobDetailOut
from services.jobs.tests.samples import COMPANY, EMPLOYER, LAST_DAY, ME, posted, today

JD = {"requirements": "Có 3 năm kinh nghiệm Java...", "benefits": "Lương tháng 13..."}


async def test_the_seeds_sample(bench: Bench) -> None:
    job_id = await posted(bench, jd=JD, skillIds=[1, 2, 10], categoryIds=[5, 1])
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}")
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Lấy chi tiết việc làm thành công",
        "data": {
            "jobInfo": {
                "id": job_id,
                "title": "Senior Backend Developer",
                "employerId": str(EMPLOYER.employer_id),
                "postDate": str(today()),
                "expireDate": LAST_DAY,
                "viewCount": 0,
                "status": "Active",
            },
            "company": {
                "id": str(COMPANY.company_id),
                "name": "Tech Solutions Inc.",
                "avatar": "https://cdn.example/logo.png",
            },
            "jd": {
                "description": "Mô tả công việc chi tiết...",
                **JD,
                "location": "Ho Chi Minh",
                "salary": "2000-3000 USD",
                "salaryMin": 2000,
                "salaryMax": 3000,
                "currency": "USD",
                "period": "month",
                "quantity": 5,
                "expYear": 3,
                "level": "Senior",
                "contractType": "Fulltime",
                "jobType": "Hybrid",
            },
            "skills": ["Java", "Spring Boot", "PostgreSQL"],
            "categories": ["Backend", "IT - Phần mềm"],
            "rating": {"average": None, "count": 0},
        },
        "error": None,
    }


async def test_the_bytes_are_what_the_schema_says(bench: Bench) -> None:
    job_id = await posted(bench, jd={"jobType": None})
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}")
    data = orjson.loads(answer.content)["data"]
    read = JobDetailOut.model_validate_json(orjson.dumps(data), strict=True)
    assert read.model_dump(mode="json", by_alias=True) == data
    assert (read.jd.requirements, read.jd.benefits, read.jd.job_type) == (None, None, None)


async def test_categories_are_named_in_the_callers_language(bench: Bench) -> None:
    job_id = await posted(bench, categoryIds=[1])
    english = {"Accept-Language": "en"}
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}", headers=english)
    assert answer.json()["message"] == "Job details retrieved"
    assert answer.json()["data"]["categories"] == ["IT - Software"]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ("expires_at = :now", "Expired"),
        ("status = 'Closed', expires_at = :now", "Closed"),
        ("status = 'Hidden', expires_at = :now", "Hidden"),
        ("status = 'Hidden'", "Hidden"),
    ],
)
async def test_a_job_no_longer_open_stays_readable(bench: Bench, changed: str, shown: str) -> None:
    job_id = await posted(bench)
    async with bench.db.write() as session:
        values = {"now": clock.now() - timedelta(seconds=1)} if ":now" in changed else {}
        await session.execute(text(f"UPDATE jobs SET {changed}"), values)
    for caller in ({}, ME, *(signed_in(role) for role in Role)):
        answer = await bench.client.get(f"/api/v1/jobs/{job_id}", headers=caller)
        assert (answer.status_code, answer.json()["data"]["jobInfo"]["status"]) == (200, shown)


@pytest.mark.parametrize("job_id", ["888", "post", "01a1ff41-0000-7000-8000-000000000001", "%00"])
async def test_an_unknown_job_is_not_found(bench: Bench, job_id: str) -> None:
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_other_services_are_told_what_is_published(bench: Bench) -> None:
    job_id = await posted(bench)
    told = await bench.client.get(f"/internal/jobs/{job_id}", headers=signed_in(Role.CANDIDATE))
    assert told.status_code == 200
    [event] = await bench.published()
    assert set(told.json()) == set(JobFacts.model_fields)
    assert JobFacts.model_validate(told.json()) == JobFacts(**event.model_dump())
    assert told.json()["employer_id"] == str(EMPLOYER.employer_id)


async def test_other_services_ask_for_somebody(bench: Bench) -> None:
    job_id = await posted(bench)
    anonymous = await bench.client.get(f"/internal/jobs/{job_id}")
    assert (anonymous.status_code, anonymous.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    unknown = await bench.client.get(
        f"/internal/jobs/{new_id()}", headers=signed_in(Role.CANDIDATE)
    )
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_the_reference_says_where_a_job_may_stand(bench: Bench) -> None:
    schemas = bench.app.openapi()["components"]["schemas"]
    shown = schemas["JobInfoOut"]["properties"]["status"]["$ref"].rpartition("/")[2]
    assert schemas[shown]["enum"] == ["Active", "Hidden", "Expired", "Closed"]


async def test_the_inside_is_not_in_the_reference(bench: Bench) -> None:
    paths = bench.app.openapi()["paths"]
    assert "/api/v1/jobs/{job_id}" in paths
    assert [path for path in paths if not path.startswith("/api/v1/")] == []


def test_openapi_says_where_a_job_may_stand(bench: Bench) -> None:
    schemas = bench.app.openapi()["components"]["schemas"]
    assert schemas["JobInfoOut"]["properties"]["status"]["$ref"] == "#/components/schemas/Status"
