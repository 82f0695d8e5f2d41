"""The seed's sample job, its employer and company, and the ways to post, change and find."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import text

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


def today() -> date:
    """Return the date in Vietnam: another one than `TODAY` once a run has gone past midnight."""
    return clock.local_date(clock.now())


TODAY = today()
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


ME = signed_in(Role.EMPLOYER, EMPLOYER.employer_id)


async def update(
    bench: Bench, job_id: str, body: Any, headers: Mapping[str, str] = ME
) -> httpx.Response:
    """Change a job, as its employer or with the headers of somebody else."""
    return await bench.client.put(f"/api/v1/jobs/update/{job_id}", json=body, headers=dict(headers))


async def close(bench: Bench, job_id: str, headers: Mapping[str, str] = ME) -> httpx.Response:
    """Close a job, as its employer or with the headers of somebody else."""
    return await bench.client.delete(f"/api/v1/jobs/delete/{job_id}", headers=dict(headers))


async def make_overdue(bench: Bench, job_id: str) -> None:
    """Let a job's last day be over, and nobody have noticed."""
    async with bench.db.write() as session:
        for its in (
            "jobs SET expires_at = now() WHERE id",
            "openings SET expires_at = now() WHERE job_id",
        ):
            await session.execute(text(f"UPDATE {its} = :job_id"), {"job_id": job_id})


async def detail(bench: Bench, job_id: str) -> dict[str, Any]:
    """Return what everyone reads of a job."""
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}", headers={"User-Agent": "a test bot"})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@dataclass
class ApplicationsService:
    """An ASGI app that seals jobs, or not."""

    status: int = 200
    """What it answers; 0 for being down."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and `Authorization` of each call."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer `/internal/jobs/ID/seal`."""
        headers = dict(scope["headers"])
        self.asked.append((scope["method"], scope["path"], headers[b"authorization"].decode()))
        if self.status == 0:
            raise ConnectionRefusedError
        start = {"type": "http.response.start", "status": self.status, "headers": []}
        await send(start)
        error = {"code": "JOB_HAS_PENDING_APPLIES", "details": {"pending": 3}}
        refused = {"message": "", "data": None, "error": error}
        body = orjson.dumps(refused if self.status == 409 else True)
        await send({"type": "http.response.body", "body": body})
