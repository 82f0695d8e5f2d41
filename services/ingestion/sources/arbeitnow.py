"""The Arbeitnow source: a board of pages without an end that is told, so they are counted here."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import httpx

from services.ingestion.sources.http import get
from services.ingestion.sources.markup import plain
from services.ingestion.sources.shape import (
    Json,
    RawPage,
    SourcePosting,
    Unreadable,
    numbered,
    posting_of,
)

BASE_URL = "https://www.arbeitnow.com"
LAST_PAGE = 50
"""So that a board that repeats itself comes to an end."""


class Arbeitnow:
    """Arbeitnow as a `JobSource`."""

    name = "arbeitnow"

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    def plan(self, behind: Json) -> Json:
        """Read all pages, the newest postings first."""
        return {}

    def goes_on(self, plan: Json) -> bool:
        """Say yes: what has moved between the pages meanwhile comes with the next run."""
        return True

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield pages until an empty one; `links.next` may lead into a filtered view."""
        for page in range(cursor.get("page", 0) + 1, LAST_PAGE + 1):
            told = await get(self._http, "/api/job-board-api", page=page)
            items = numbered(told.get("data") if isinstance(told, dict) else None, f"page {page},")
            if not items:
                return
            yield RawPage(items, {"page": page}, page / LAST_PAGE)

    def read(self, raw: Json) -> SourcePosting:
        """Make a posting of a job; its slug is its id."""
        if not isinstance(raw.get("slug"), str):
            raise Unreadable("no slug")
        return posting_of(
            {
                "external_id": raw["slug"],
                "title": raw.get("title"),
                "company": raw.get("company_name"),
                "location": raw.get("location"),
                "description": plain(raw.get("description")),
                "url": raw.get("url"),
                "date_posted": _day(raw.get("created_at")),
                "remote": raw.get("remote"),
                "technology_slugs": raw.get("tags") or [],
            }
        )


def _day(seconds: Any) -> str | None:
    if not isinstance(seconds, int) or not 0 < seconds < 4e9:
        return None
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
