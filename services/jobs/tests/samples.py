"""The seed's sample job, its employer and company, and the ways to post and find."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from libs.common import clock
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in

COMPANY = CompanyUpdated(
    company_id=new_id(),
    name="Tech Solutions Inc.",
    industry="IT",
    address="Quận 1, TP.HCM",
    logo_url="https://cdn.example/logo.png",
    complete=True,
    version=1,
)
EMPLOYER = EmployerUpdated(
    employer_id=new_id(), name="HR", company_id=COMPANY.company_id, version=1
)
TODAY = clock.local_date(clock.now())
LAST_DAY = str(TODAY + timedelta(days=30))


def a_posting(
    info: Mapping[str, Any] | None = None, jd: Mapping[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Return the seed's body of `POST /jobs/post`, but for changes; None takes a field away."""
    job_info: dict[str, Any] = {"title": "Senior Backend Developer", "expireDate": LAST_DAY}
    jd_info: dict[str, Any] = {
        "location": "Ho Chi Minh",
        "salary": "2000-3000 USD",
        "quantity": 5,
        "expYear": 3,
        "level": "Senior",
        "contractType": "Fulltime",
        "jobType": "Hybrid",
        "description": "Mô tả công việc chi tiết...",
    }
    body: dict[str, Any] = {
        "jobInfo": _but(job_info, info or {}),
        "jdInfo": _but(jd_info, jd or {}),
        "skillIds": [1, 2],
        "categoryIds": [5],
    }
    return _but(body, changes)


def _but(whole: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


async def post(
    bench: Bench,
    body: Any,
    employer_id: UUID = EMPLOYER.employer_id,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Post a job as an employer."""
    caller = signed_in(Role.EMPLOYER, employer_id) | dict(headers or {})
    return await bench.client.post("/api/v1/jobs/post", json=body, headers=caller)


async def posted(bench: Bench, **body: Any) -> str:
    """Post a job (see `a_posting`) and return its id."""
    answer = await post(bench, a_posting(**body))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["jobId"])


async def find(bench: Bench, **query: Any) -> list[str]:
    """Return the titles of the jobs that a search finds."""
    answer = await bench.client.get("/api/v1/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return [job["title"] for job in answer.json()["data"]]
