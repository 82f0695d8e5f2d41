"""The Lever source: the public postings of firms' sites, a hundred a page."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any
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
    amount,
    matching,
    numbered,
    posting_of,
)

BASE_URL = "https://api.lever.co"
PAGE = 100
_REMOTE = {"remote": True, "on-site": False, "hybrid": False}


class Lever:
    """Lever's sites as a `JobSource`."""

    name = "lever"

    def __init__(self, http: httpx.AsyncClient, sites: Sequence[str]) -> None:
        self._http = http
        self._sites = sites

    def plan(self, behind: Json) -> Json:
        """Go through all sites, each time anew."""
        return {"sites": list(self._sites)}

    def goes_on(self, plan: Json) -> bool:
        """Tell whether the sites are still the same."""
        return bool(plan == self.plan({}))

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield the pages of each site; one that is not there fails alone."""
        sites = plan["sites"]
        number, skip = cursor.get("site", 0), cursor.get("skip", 0)
        while number < len(sites):
            site = sites[number]
            path = f"/v0/postings/{quote(site, safe='')}"
            try:
                told = await get(self._http, path, mode="json", skip=skip, limit=PAGE)
                items = numbered(told, f"{site}, posting {skip} +")
            except NotThere as error:
                items = [BadItem(site, str(error))]
            number, skip = (number, skip + PAGE) if len(items) == PAGE else (number + 1, 0)
            cursor = {"site": number, "skip": skip}
            yield RawPage(items, cursor, number / len(sites), 0, {"company": site})

    def read(self, raw: Json) -> SourcePosting:
        """Make a posting of one of Lever's, whose text is in several parts."""
        if not isinstance(raw.get("id"), str):
            raise Unreadable("no id")
        where = raw["categories"] if isinstance(raw.get("categories"), dict) else {}
        return posting_of(
            {
                "external_id": raw["id"],
                "title": raw.get("text"),
                "location": where.get("location"),
                "country_code": matching("[A-Z]{2}", raw.get("country")),
                "description": _text(raw),
                "url": raw.get("hostedUrl") or raw.get("applyUrl"),
                "date_posted": _day(raw.get("createdAt")),
                "remote": _REMOTE.get(str(raw.get("workplaceType"))),
                **_salary(raw.get("salaryRange")),
            }
        )


def _text(raw: Json) -> str:
    lists = raw["lists"] if isinstance(raw.get("lists"), list) else []
    parts = [raw.get("descriptionPlain") or plain(raw.get("description"))]
    for each in lists:
        if isinstance(each, dict):
            parts += [each.get("text"), plain(each.get("content"))]
    parts.append(raw.get("additionalPlain") or plain(raw.get("additional")))
    return "\n\n".join(part for part in parts if isinstance(part, str))


def _day(milliseconds: Any) -> str | None:
    if not isinstance(milliseconds, int) or not 0 < milliseconds < 4e12:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def _salary(told: Any) -> Json:
    """Return the bounds of a range whose interval is, for one, `per-year-salary`."""
    if not isinstance(told, dict):
        return {}
    interval = str(told.get("interval"))
    period = next((p for p in ("hour", "day", "month", "year") if f"per-{p}" in interval), None)
    currency = matching("[A-Z]{3}", told.get("currency"))
    if period is None or currency is None:
        return {}
    bounds = {"salary_min": amount(told.get("min")), "salary_max": amount(told.get("max"))}
    return bounds | {"salary_currency": currency, "salary_period": period}
