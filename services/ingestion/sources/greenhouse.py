"""The Greenhouse source: the public job boards of firms, each whole in one answer."""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import quote

import httpx

from services.ingestion.sources.http import NotThere, get
from services.ingestion.sources.markup import plain
from services.ingestion.sources.shape import (
    BadItem,
    Json,
    RawPage,
    SourcePosting,
    Unreadable,
    matching,
    numbered,
    posting_of,
)

BASE_URL = "https://boards-api.greenhouse.io"


class Greenhouse:
    """Greenhouse's boards as a `JobSource`."""

    name = "greenhouse"

    def __init__(self, http: httpx.AsyncClient, boards: Sequence[str]) -> None:
        self._http = http
        self._boards = boards

    def plan(self, behind: Json) -> Json:
        """Go through all boards, each time anew."""
        return {"boards": list(self._boards)}

    def goes_on(self, plan: Json) -> bool:
        """Tell whether the boards are still the same."""
        return bool(plan == self.plan({}))

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield a page a board; one that is not there fails alone."""
        boards = plan["boards"]
        for number in range(cursor.get("board", 0), len(boards)):
            board = boards[number]
            path = f"/v1/boards/{quote(board, safe='')}/jobs"
            try:
                told = await get(self._http, path, content="true")
                jobs = told.get("jobs") if isinstance(told, dict) else None
                items = numbered(jobs, f"{board}, job")
            except NotThere as error:
                items = [BadItem(board, str(error))]
            context = {"company": board}
            yield RawPage(items, {"board": number + 1}, (number + 1) / len(boards), 0, context)

    def read(self, raw: Json) -> SourcePosting:
        """Make a posting of a job; its content is HTML whose tags are entities."""
        if not isinstance(raw.get("id"), int):
            raise Unreadable("no id")
        place = raw["location"] if isinstance(raw.get("location"), dict) else {}
        told = raw.get("first_published") or raw.get("updated_at")
        posted = matching(r"\d{4}-\d\d-\d\d.*", told)
        return posting_of(
            {
                "external_id": str(raw["id"]),
                "title": raw.get("title"),
                "company": raw.get("company_name"),
                "location": place.get("name"),
                "description": plain(raw.get("content"), escaped=True),
                "url": raw.get("absolute_url"),
                "date_posted": posted[:10] if posted else None,
            }
        )
