"""The Remotive source: remote jobs, all in one answer; its owners ask for few calls a day."""

from collections.abc import AsyncGenerator

import httpx

from services.ingestion.sources.http import get
from services.ingestion.sources.markup import plain
from services.ingestion.sources.shape import (
    Json,
    RawPage,
    SourcePosting,
    Unreadable,
    matching,
    numbered,
    posting_of,
)

BASE_URL = "https://remotive.com"


class Remotive:
    """Remotive as a `JobSource`."""

    name = "remotive"

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    def plan(self, behind: Json) -> Json:
        """Ask for everything."""
        return {}

    def goes_on(self, plan: Json) -> bool:
        """Say yes: there is but one page."""
        return True

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield the one page."""
        told = await get(self._http, "/api/remote-jobs")
        jobs = told.get("jobs") if isinstance(told, dict) else None
        yield RawPage(numbered(jobs, "job"), {}, 1.0)

    def read(self, raw: Json) -> SourcePosting:
        """Make a posting of a job; the place is where a candidate must be."""
        if not isinstance(raw.get("id"), int):
            raise Unreadable("no id")
        posted = matching(r"\d{4}-\d\d-\d\d.*", raw.get("publication_date"))
        return posting_of(
            {
                "external_id": str(raw["id"]),
                "title": raw.get("title"),
                "company": raw.get("company_name"),
                "location": raw.get("candidate_required_location"),
                "description": plain(raw.get("description")),
                "url": raw.get("url"),
                "date_posted": posted[:10] if posted else None,
                "salary_string": raw.get("salary"),
                "remote": True,
                "technology_slugs": raw.get("tags") or [],
            }
        )
