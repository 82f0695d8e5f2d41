"""Small fakes of the free boards' feeds, in their real shapes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from services.ingestion.tests.fake_http import Asked, Reply

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def greenhouse_job(number: int, **fields: Any) -> dict[str, Any]:
    """Make a job whose content is HTML with its very tags escaped."""
    return {
        "id": 4_000_000 + number,
        "internal_job_id": number,
        "title": f"Engineer {number}",
        "updated_at": "2026-11-19T10:00:00-05:00",
        "requisition_id": "R1",
        "location": {"name": "Berlin, Germany"},
        "absolute_url": f"https://boards.greenhouse.io/acme/jobs/{4_000_000 + number}?gh_src=x",
        "language": "en",
        "metadata": None,
        "content": escape("<p>Build &amp; run</p><ul><li>Python</li></ul>"),
        "departments": [{"id": 1, "name": "R&D"}],
        "offices": [{"id": 1, "name": "Berlin", "location": "Berlin"}],
    } | fields


def lever_posting(number: int, **fields: Any) -> dict[str, Any]:
    """Make a posting whose text is in several parts."""
    return {
        "id": f"00000000-0000-0000-0000-{number:012}",
        "text": f"Engineer {number}",
        "categories": {"location": "Hà Nội", "commitment": "Full-time", "allLocations": ["Hà Nội"]},
        "country": "VN",
        "description": "<div>Intro</div>",
        "descriptionPlain": "Intro",
        "lists": [{"text": "You know", "content": "<li>Python</li><li>SQL</li>"}],
        "additional": "<b>We are kind.</b>",
        "hostedUrl": f"https://jobs.lever.co/acme/{number}?lever-source=x",
        "applyUrl": f"https://jobs.lever.co/acme/{number}/apply",
        "workplaceType": "remote",
        "salaryRange": {
            "currency": "USD",
            "interval": "per-year-salary",
            "min": 100_000,
            "max": 120_000,
        },
        "createdAt": int(NOON.timestamp() * 1000),
    } | fields


def remotive_job(number: int, **fields: Any) -> dict[str, Any]:
    """Make a remote job."""
    return {
        "id": number,
        "url": f"https://remotive.com/remote-jobs/software-dev/engineer-{number}",
        "title": f"Engineer {number}",
        "company_name": "Acme",
        "company_logo": "https://remotive.com/logo",
        "category": "Software Development",
        "job_type": "full_time",
        "publication_date": "2026-11-18T08:00:00",
        "candidate_required_location": "Worldwide",
        "salary": "$100k - $120k",
        "description": "<p>Write <b>Python</b>.</p><script>x()</script>",
        "tags": ["python", "django"],
    } | fields


def arbeitnow_job(number: int, **fields: Any) -> dict[str, Any]:
    """Make a job whose id is its slug."""
    return {
        "slug": f"engineer-{number}",
        "company_name": "Acme GmbH",
        "title": f"Engineer {number}",
        "description": "<p>Python</p>",
        "remote": False,
        "url": f"https://www.arbeitnow.com/jobs/engineer-{number}",
        "tags": ["IT"],
        "job_types": ["full time"],
        "location": "Berlin",
        "created_at": int(NOON.timestamp()),
    } | fields


class FakeBoards:
    """All four at one address, each at its own path."""

    def __init__(
        self,
        *,
        greenhouse: Mapping[str, list[Any]] | None = None,
        lever: Mapping[str, list[Any]] | None = None,
        remotive: list[Any] | None = None,
        arbeitnow: list[list[Any]] | None = None,
    ) -> None:
        self.greenhouse = greenhouse or {}
        self.lever = lever or {}
        self.remotive = remotive or []
        self.arbeitnow = arbeitnow or []
        self.faults: list[Reply | None] = []
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Reply:
        """Answer a request, or with the next fault."""
        self.asked.append(asked)
        if self.faults and (fault := self.faults.pop(0)):
            return fault
        match asked.path.strip("/").split("/"):
            case ["v1", "boards", board, "jobs"] if board in self.greenhouse:
                jobs = self.greenhouse[board]
                return Reply(200, {"jobs": jobs, "meta": {"total": len(jobs)}})
            case ["v0", "postings", site] if site in self.lever:
                skip, limit = int(asked.query["skip"]), int(asked.query["limit"])
                return Reply(200, self.lever[site][skip : skip + limit])
            case ["api", "remote-jobs"]:
                told = {"0-legal-notice": "Link back.", "job-count": len(self.remotive)}
                return Reply(200, told | {"jobs": self.remotive})
            case ["api", "job-board-api"]:
                page = int(asked.query["page"])
                jobs = self.arbeitnow[page - 1] if page <= len(self.arbeitnow) else []
                return Reply(200, {"data": jobs, "links": {"next": "x"}, "meta": {}})
        return Reply(404, {"status": 404, "error": "Not found"})
