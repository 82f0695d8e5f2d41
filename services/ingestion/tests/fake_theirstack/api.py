"""The fake TheirStack: its search, its account of credits and its rate windows, on a real socket.

As its reference describes it; what is not known there is as FastAPI would do it. Faults are
scripted: each search takes the next one.
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from services.ingestion.tests.fake_http import Asked, Reply, serving
from services.ingestion.tests.fake_theirstack.jobs import Json

KEY = "test-key-that-must-not-be-logged"
_FILTERS = dict(
    line.split() for line in (Path(__file__).parent / "filters.txt").read_text().splitlines()
)
_KINDS: dict[str, Any] = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "string": str,
}
_MANDATORY = [f"posted_at_{end}" for end in ("max_age_days", "gte", "lte")]
_MANDATORY += [f"company_{end}_or" for end in ("domain", "linkedin_url", "name")]

Fault = Callable[[Reply], Reply]
"""What becomes of an answer that was already made, and billed."""


@dataclass(frozen=True)
class Instead:
    """An answer that is given before anything is looked up: it is not billed."""

    reply: Reply


@dataclass
class Account:
    """Whose key it is."""

    plan: str = "paid"
    granted: int = 100_000
    used: int = 0


@dataclass
class FakeTheirStack:
    """Its state: jobs, accounts, windows, and what will go wrong."""

    jobs: list[Json] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=lambda: {KEY: Account()})
    windows: list[tuple[str, int, float]] = field(default_factory=list)
    """Name, quota and seconds of each; there are none unless a test wants them."""
    faults: list[Fault | Instead | None] = field(default_factory=list)
    searches: list[Json] = field(default_factory=list)
    """Bodies that were answered with 200."""
    balance_known: bool = True
    on_search: Callable[[], None] = lambda: None
    _asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def account(self) -> Account:
        """The account of the one key."""
        return self.accounts[KEY]

    def answer(self, asked: Asked) -> Reply:
        """Answer a request, every time with the headers of the rate windows."""
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        reply = self._answer(asked, key)
        return Reply(
            reply.status,
            reply.body,
            self._window_headers(key) | dict(reply.headers),
            reply.delay,
            reply.cut,
        )

    def _answer(self, asked: Asked, key: str) -> Reply:
        if asked.path == "/v0/billing/credit-balance" and self.balance_known:
            return self._balance(key)
        if asked.path != "/v1/jobs/search":
            return Reply(404, {"detail": "Not Found"})
        if asked.method != "POST":
            return Reply(405, {"detail": "Method Not Allowed"}, {"Allow": "POST"})
        if key not in self.accounts:
            return _error(401, "E-001", "Not allowed exception", "Invalid or missing API key.")
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Instead):
            return fault.reply
        if self._is_too_often(key):
            return _error(429, "E-005", "Too many requests exception", None)
        reply = self._search(asked, self.accounts[key])
        return fault(reply) if fault else reply

    def _balance(self, key: str) -> Reply:
        if key not in self.accounts:
            return _error(401, "E-001", "Not allowed exception", "Invalid or missing API key.")
        account = self.accounts[key]
        told = {"api_credits": account.granted, "used_api_credits": account.used}
        return Reply(200, told | {"ui_credits": 0, "used_ui_credits": 0})

    def _is_too_often(self, key: str) -> bool:
        now = time.monotonic()
        if any(self._left(key, quota, seconds, now) <= 0 for _, quota, seconds in self.windows):
            return True
        self._asked[key].append(now)
        return False

    def _left(self, key: str, quota: int, seconds: float, now: float) -> int:
        return quota - sum(at > now - seconds for at in self._asked[key])

    def _window_headers(self, key: str) -> dict[str, str]:
        now, left, resets = time.monotonic(), [], []
        for _, quota, seconds in self.windows:
            recent = [at for at in self._asked[key] if at > now - seconds]
            left.append(quota - len(recent))
            resets.append(round(min(recent, default=now) + seconds - now + 0.01, 2))
        return {
            "RateLimit-Limit": ", ".join(str(quota) for _, quota, _ in self.windows),
            "RateLimit-Remaining": ", ".join(map(str, left)),
            "RateLimit-Reset": ", ".join(map(str, resets)),
        }

    def _search(self, asked: Asked, account: Account) -> Reply:
        try:
            body = json.loads(asked.body)
        except ValueError:
            return _invalid([], "JSON decode error")
        if wrong := next((name for name, told in body.items() if not _fits(name, told)), None):
            return _invalid([wrong], "Extra inputs are not permitted, or a wrong type")
        if not any(body.get(name) for name in _MANDATORY):
            need = f"at least one of [{', '.join(_MANDATORY)}] must be provided"
            return _error(422, "E-007", "Validation error", f"Missing mandatory filter - {need}")
        limit, page = body.get("limit", 25), body.get("page", 0)
        if account.plan == "free" and limit > 25:
            told = "The free plan does not allow more than 25 results per page."
            return _error(403, "E-020", "Premium functionality limitation", told)
        if account.plan == "free" and page >= 5:
            told = "The free plan does not allow more than 5 pages."
            return _error(403, "E-020", "Premium functionality limitation", told)
        if not 1 <= limit <= 500:
            return _invalid(["limit"], "Input should be from 1 to 500")
        self.searches.append(body)
        self.on_search()
        return self._rows(body, account, limit, body.get("offset") or page * limit)

    def _rows(self, body: Json, account: Account, limit: int, start: int) -> Reply:
        matching = sorted(filter(lambda job: _matches(job, body), self.jobs), key=_order(body))
        rows = matching[start : start + limit]
        left = account.granted - account.used
        if body.get("blur_company_data"):
            return Reply(200, _envelope([_blurred(job) for job in rows], body, matching, 0))
        if rows and left <= 0:
            return Reply(402, _envelope([], {}, [], limit))
        account.used += len(rows[:left])
        return Reply(200, _envelope(rows[:left], body, matching, len(rows) - len(rows[:left])))


@asynccontextmanager
async def theirstack(fake: FakeTheirStack) -> AsyncIterator[str]:
    """Serve the fake as long as this lasts; give its base URL."""
    async with serving(fake.answer) as url:
        yield url


def _envelope(rows: list[Json], body: Json, matching: list[Json], truncated: int) -> Json:
    counted = body.get("include_total_results")
    return {
        "metadata": {
            "total_results": len(matching) if counted else None,
            "total_companies": len({job["company"] for job in matching}) if counted else None,
            "truncated_results": truncated,
            "truncated_companies": truncated,
        },
        "data": rows,
    }


def _error(status: int, code: str | None, title: str, description: str | None) -> Reply:
    error = {"code": code, "title": title, "description": description}
    return Reply(status, {"request_id": 123456789, "error": error})


def _invalid(where: list[str], problem: str) -> Reply:
    return Reply(422, {"detail": [{"loc": ["body", *where], "msg": problem, "type": "value"}]})


def _fits(name: str, told: Any) -> bool:
    kind = _FILTERS.get(name, "")
    if told is None:
        return kind.endswith("?")
    is_bool = isinstance(told, bool)
    fits = isinstance(told, _KINDS.get(kind.removesuffix("?"), ()))
    return fits and (is_bool == (kind.removesuffix("?") == "boolean"))


def _matches(job: Json, body: Json) -> bool:
    """Tell whether a job passes the filters that are simple enough to have here."""
    title, found = job["job_title"], _instant(job["discovered_at"])
    phrases, patterns = body.get("job_title_or"), body.get("job_title_pattern_or")
    words = set(re.findall(r"\w+", title.lower()))
    posted = date.fromisoformat(job["date_posted"])
    checks = [
        not phrases or any(set(phrase.lower().split()) <= words for phrase in phrases),
        not patterns or any(re.search(pattern, title, re.I) for pattern in patterns),
        _among(job["country_code"], body.get("job_country_code_or")),
        _among(job["id"], body.get("job_id_or")),
        job["id"] not in body.get("job_id_not", ()),
        body.get("remote") is None or (job["remote"] is True) == body["remote"],
        "remote" not in body.get("workplace_types_or", ()) or job["remote"] is True,
        _since(body.get("posted_at_gte")) <= posted <= _until(body.get("posted_at_lte")),
        posted >= _days_ago(body.get("posted_at_max_age_days")),
        not body.get("discovered_at_gte") or found >= _instant(body["discovered_at_gte"]),
        not body.get("discovered_at_lte") or found <= _instant(body["discovered_at_lte"]),
    ]
    return all(checks)


def _among(value: Any, wanted: list[Any] | None) -> bool:
    return not wanted or value in wanted


def _since(day: str | None) -> date:
    return date.fromisoformat(day) if day else date.min


def _until(day: str | None) -> date:
    return date.fromisoformat(day) if day else date.max


def _days_ago(days: int | None) -> date:
    return date.min if days is None else (datetime.now(UTC) - timedelta(days=days)).date()


def _instant(text: str) -> datetime:
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _order(body: Json) -> Callable[[Json], Any]:
    default = [{"field": "date_posted"}, {"field": "discovered_at"}]
    wanted = [
        (each["field"], -1 if each.get("desc", True) else 1)
        for each in body.get("order_by") or default
    ]
    names = {"date_posted": lambda job: _since(job["date_posted"]).toordinal()}
    names["discovered_at"] = lambda job: int(_instant(job["discovered_at"]).timestamp())
    return lambda job: [sign * names[name](job) for name, sign in wanted] + [job["id"]]


def _blurred(job: Json) -> Json:
    masked = dict.fromkeys(
        ("description", "url", "final_url", "source_url", "company"), "XxxXxx XX"
    )
    return job | masked | {"has_blurred_data": True}
