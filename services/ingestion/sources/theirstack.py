"""The TheirStack source: a search for each role and place, each from where it got to last.

The window of a run is fixed as it begins and read in order of discovery, so that pages do not shift
under it; a search that is cut short has lost nothing behind its watermark.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from libs.common import clock
from services.ingestion.sources.http import Denied, OutOfCredits
from services.ingestion.sources.shape import (
    BadItem,
    Json,
    RawItem,
    RawPage,
    SourcePosting,
    SourceRefused,
    SourceStopped,
    Unreadable,
    Unwanted,
    amount,
    matching,
    numbered,
    posting_of,
)
from services.ingestion.sources.theirstack_client import (
    FREE_LIMIT,
    Found,
    TheirStackClient,
    is_page_too_large,
)

RemoteFilter = Literal["remote", "workplace_types_or", "off"]
LARGEST_PAGE = 100
LAG = timedelta(minutes=10)
"""What was discovered just now may not be found yet: it is left to the next run."""
_PERSONAL = {"hiring_team", "manager_roles"}  # people's names: not stored


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a role, in a country or remote."""

    role: str
    place: str
    """As it was configured: a country, or Remote."""
    country_code: str | None
    """None for remote."""

    @property
    def key(self) -> str:
        """What its watermark is kept under."""
        return f"{self.role} | {self.place}"

    def filters(self, remote: RemoteFilter) -> Json:
        """Return it as the API's filters."""
        wanted: Json = {"job_title_or": [self.role]}
        if self.country_code:
            return wanted | {"job_country_code_or": [self.country_code]}
        asked: Mapping[RemoteFilter, Json] = {
            "remote": {"remote": True},
            "workplace_types_or": {"workplace_types_or": ["remote"]},
            "off": {},
        }
        return wanted | asked[remote]


class TheirStack:
    """TheirStack as a `JobSource`."""

    name = "theirstack"

    def __init__(
        self,
        client: TheirStackClient,
        searches: Sequence[Search],
        *,
        per_search: int,
        budget: int,
        max_age_days: int,
        remote_filter: RemoteFilter = "remote",
    ) -> None:
        self._client = client
        self._searches = searches
        self._per_search = per_search
        self._budget = budget
        self._max_age = timedelta(days=max_age_days)
        self._remote_filter = remote_filter
        self._limit = min(LARGEST_PAGE, per_search)

    def plan(self, behind: Json) -> Json:
        """Fix the window and the searches, each with what it has behind it."""
        now = clock.now()
        return {
            "posted_at_gte": (now - self._max_age).date().isoformat(),
            "discovered_at_lte": _second(now - LAG),
            "searches": [[each.role, each.place, each.country_code] for each in self._searches],
            "marks": behind.get("marks", {}),
        }

    def goes_on(self, plan: Json) -> bool:
        """Say yes: what was paid for is not asked for again."""
        return True

    async def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield the pages of each search; first, and at a stop, what was paid for in vain."""
        await self._client.open_account()
        self._count_what_a_kill_lost(cursor)
        cursor = {"search": 0, "offset": 0, "seen": [], "here": [], "marks": plan["marks"]} | cursor
        yield RawPage([], self._with_account(cursor), 0.0, self._lost())
        searches = [Search(*each) for each in plan["searches"]]
        done = 0.0
        try:
            for number in range(cursor["search"], len(searches)):
                async for found, is_last in self._pages_of(searches[number], plan, cursor):
                    end = plan["discovered_at_lte"] if is_last else ""
                    cursor = _behind(cursor, searches[number], found, end)
                    part = min(1.0, cursor["offset"] / self._per_search)
                    done = (number + part) / len(searches)
                    yield self._page(found, cursor, done, searches[number])
                    self._stop_where_credits_ended(found)
                seen = cursor["seen"] + cursor["here"]
                cursor |= {"search": number + 1, "offset": 0, "seen": seen, "here": []}
        except (SourceStopped, SourceRefused):
            rest = {name: value for name, value in cursor.items() if name != "used"}
            yield RawPage([], rest, done, self._lost())
            raise
        yield RawPage([], cursor, 1.0, self._lost())

    def read(self, raw: Json) -> SourcePosting:
        """Make a posting of a job; all but id, title, company and address may be missing."""
        if raw.get("has_blurred_data"):
            raise Unwanted("blurred")
        firm = raw["company_object"] if isinstance(raw.get("company_object"), dict) else {}
        company = firm.get("name") or raw.get("company")
        if not isinstance(raw.get("id"), int) or not company:
            raise Unreadable("no company" if raw.get("id") else "no id")
        places = (raw.get(name) for name in ("long_location", "short_location", "location"))
        urls = (raw.get(name) for name in ("final_url", "url", "source_url"))
        return posting_of(
            {
                "external_id": str(raw["id"]),
                "title": raw.get("job_title"),
                "company": company,
                "company_domain": raw.get("company_domain") or firm.get("domain"),
                "location": next(filter(None, places), None),
                "country_code": matching("[A-Z]{2}", raw.get("country_code")),
                "description": raw.get("description"),
                "url": next((url for url in urls if matching("https?://.+", url)), None),
                "date_posted": raw.get("date_posted"),
                "salary_string": raw.get("salary_string"),
                "remote": raw.get("remote"),
                "technology_slugs": raw.get("technology_slugs") or [],
                **_salary(raw),
            }
        )

    async def _pages_of(
        self, search: Search, plan: Json, cursor: Json
    ) -> AsyncIterator[tuple[Found, bool]]:
        """Ask for pages until one is not full, each with whether it is the last of the window."""
        mark = plan["marks"].get(search.key)
        asked = search.filters(self._remote_filter) | {
            "posted_at_gte": plan["posted_at_gte"],
            "discovered_at_lte": plan["discovered_at_lte"],
            "job_id_not": [*cursor["seen"], *(mark["ids"] if mark else ())],
            "order_by": [{"field": "discovered_at", "desc": False}],
            "blur_company_data": False,
        }
        if mark:
            asked["discovered_at_gte"] = mark["at"]
        offset = cursor["offset"]
        while offset < self._per_search:
            found, limit = await self._ask(asked | {"include_total_results": offset == 0}, offset)
            is_last = len(found.jobs) < limit and not found.truncated
            yield found, is_last
            if is_last:
                return
            offset += len(found.jobs)

    async def _ask(self, asked: Json, offset: int) -> tuple[Found, int]:
        """Ask for the rows from `offset`, as many as a page, the search and the credits allow."""
        limit = min(self._limit, self._per_search - offset, self._affordable())
        paged = limit == self._limit and offset % limit == 0
        where = {"page": offset // limit} if paged else {"offset": offset}
        try:
            return await self._client.search(asked | where | {"limit": limit}), limit
        except Denied as error:
            if limit <= FREE_LIMIT or not is_page_too_large(error):
                raise
        self._limit = FREE_LIMIT
        return await self._ask(asked, offset)

    def _affordable(self) -> int:
        account = self._client.account
        within = self._budget - account.spent
        if within <= 0:
            raise OutOfCredits(f"the run's budget of {self._budget} credits is spent")
        if account.left is not None and account.left <= 0:
            raise OutOfCredits("no credits left")
        return within if account.left is None else min(within, account.left)

    def _page(self, found: Found, cursor: Json, progress: float, search: Search) -> RawPage:
        context = {"search_keywords": search.role, "search_location": search.place}
        cost = len(found.jobs) + self._lost()
        raw = map(_without_people, numbered(found.jobs, f"{search.key}, job"))
        return RawPage([*raw], self._with_account(cursor), progress, cost, context)

    def _with_account(self, cursor: Json) -> Json:
        """Return the cursor with where the account stands: what a kill will lose shows there."""
        return cursor | {"used": self._client.account.used}

    def _lost(self) -> int:
        lost, self._client.account.lost = self._client.account.lost, 0
        return lost

    def _stop_where_credits_ended(self, found: Found) -> None:
        if found.truncated:
            raise OutOfCredits(f"no credits left: {found.truncated} jobs were withheld")

    def _count_what_a_kill_lost(self, cursor: Json) -> None:
        """Charge the page that was under way: billed, and never stored."""
        account = self._client.account
        if cursor.get("used") is not None and account.used is not None:
            account.lose(min(max(0, account.used - cursor["used"]), self._limit))


def _behind(cursor: Json, search: Search, found: Found, end: str) -> Json:
    """Return the cursor behind a page: where to go on, which ids were seen, and how late.

    `end` is the window's, where all of it was seen.
    """
    jobs = [job for job in found.jobs if isinstance(job, dict)]
    mark = cursor["marks"].get(search.key, {"at": "", "ids": []})
    times = [(_discovered(job), job["id"]) for job in jobs if isinstance(job.get("id"), int)]
    latest = max([mark["at"], end, *(at for at, _ in times)])
    ids = [id_ for at, id_ in times if at == latest]
    if latest == mark["at"]:
        ids = [*mark["ids"], *ids]
    marks = cursor["marks"] | ({search.key: {"at": latest, "ids": ids}} if latest else {})
    here = [*cursor["here"], *(id_ for _, id_ in times)]
    offset = cursor["offset"] + len(found.jobs)
    return cursor | {"offset": offset, "here": here, "marks": marks}


def _discovered(job: Json) -> str:
    """Return when a job was discovered, by the second; without a zone UTC is meant."""
    try:
        at = datetime.fromisoformat(str(job.get("discovered_at")))
    except ValueError:
        return ""
    return _second(at if at.tzinfo else at.replace(tzinfo=UTC))


def _second(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _without_people(job: RawItem | BadItem) -> RawItem | BadItem:
    if isinstance(job, BadItem):
        return job
    kept = {name: value for name, value in job.body.items() if name not in _PERSONAL}
    return RawItem(job.where, kept)


def _salary(raw: Json) -> Json:
    """Return the yearly bounds: in the posting's currency, else in dollars."""
    for suffix, currency in (
        ("", matching("[A-Z]{3}", raw.get("salary_currency"))),
        ("_usd", "USD"),
    ):
        low, high = (amount(raw.get(f"{end}_annual_salary{suffix}")) for end in ("min", "max"))
        if currency and (low or high):
            bounds = {"salary_min": low, "salary_max": high}
            return bounds | {"salary_currency": currency, "salary_period": "year"}
    return {}
