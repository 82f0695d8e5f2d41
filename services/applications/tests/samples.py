"""Jobs and candidates that the tests start from, and a jobs service small enough for them."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from libs.common import clock
from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import JobPosted
from libs.common.ids import new_id

CV = "https://storage.mysite.com/uploads/custom-cv-for-job-888.pdf"
DEFAULT_CV = "https://storage.mysite.com/cvs/hoang_cv.pdf"


def a_job(**changes: Any) -> JobPosted:
    """Return an open job of the seed's, but for `changes`."""
    facts: dict[str, Any] = {
        "job_id": new_id(),
        "employer_id": new_id(),
        "title": "Senior Backend Developer",
        "company_name": "Tech Solutions Inc.",
        "status": "Active",
        "expires_at": clock.now() + timedelta(days=30),
        "version": 1,
    }
    return JobPosted(**facts | changes)


def a_candidate(**changes: Any) -> CandidateUpdated:
    """Return a candidate of the seed's, with a default CV, but for `changes`."""
    facts: dict[str, Any] = {
        "candidate_id": new_id(),
        "name": "Nguyễn Văn Hoàng",
        "email": "hoang@email.com",
        "cv_url": DEFAULT_CV,
        "skill_ids": [1],
        "version": 1,
    }
    return CandidateUpdated(**facts | changes)


@dataclass
class JobsService:
    """An ASGI app that knows some jobs, and can be down."""

    jobs: dict[UUID, JobPosted] = field(default_factory=dict)
    down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and `Authorization` of each call."""

    def know(self, job: JobPosted) -> JobPosted:
        """Know `job` from now on."""
        self.jobs[job.job_id] = job
        return job

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer `/internal/jobs/ID`."""
        if self.down:
            raise ConnectionRefusedError
        headers = dict(scope["headers"])
        self.asked.append((scope["path"], headers[b"authorization"].decode()))
        job = self.jobs.get(UUID(scope["path"].removeprefix("/internal/jobs/")))
        body = orjson.dumps(job.model_dump(mode="json") if job else None)
        start: dict[str, Any] = {
            "type": "http.response.start",
            "status": 200 if job else 404,
            "headers": [],
        }
        await send(start)
        await send({"type": "http.response.body", "body": body})
