"""TheirStack's search of jobs, as its public reference and its users describe it.

A job that is returned costs a credit, each time. Nothing in an answer tells what it cost, so where
one got lost on its way the account is asked.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from services.ingestion.sources.http import (
    LONGEST_WAIT,
    Again,
    Denied,
    ask,
    parsed,
    retried,
    seconds_to_wait,
)
from services.ingestion.sources.shape import Json, SourceRefused, SourceStopped

log = logging.getLogger(__name__)

FREE_LIMIT = 25
"""Jobs a page that every plan allows."""
_A_PAGE_TOO_LARGE = "E-020"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search."""

    jobs: Sequence[Any]
    total: int | None
    """Of all pages, where it was asked for."""
    truncated: int
    """Rows that were not returned for want of credits."""


@dataclass
class Account:
    """Credits as far as they are known; None where they are not."""

    used: int | None = None
    left: int | None = None
    spent: int = 0
    """Since it was opened here."""
    lost: int = 0
    """Those of `spent` that nothing was received for, and that are in no page's cost yet."""

    def charge(self, jobs: int) -> None:
        """Count what was paid for and came."""
        self.spent += jobs
        if self.used is not None and self.left is not None:
            self.used += jobs
            self.left -= jobs

    def lose(self, jobs: int) -> None:
        """Count what was paid for and did not come."""
        self.spent += jobs
        self.lost += jobs


class TheirStackClient:
    """Asks one question at a time, no sooner than the rate windows allow."""

    def __init__(
        self, http: httpx.AsyncClient, *, a_minute: int, tries: int, first_pause: float = 1.0
    ) -> None:
        self.account = Account()
        self._http = http
        self._between = 60 / a_minute
        self._tries = tries
        self._first_pause = first_pause
        self._not_before = 0.0

    async def open_account(self) -> None:
        """Learn how many credits there are: the cheapest call, which costs none.

        Raises:
            Denied: the key is not accepted.
        """
        try:
            told = parsed(await self._ask("GET", "/v0/billing/credit-balance"))
            granted, used = int(told["api_credits"]), int(told["used_api_credits"])
        except Denied:
            raise
        except (Again, SourceStopped, SourceRefused, KeyError, TypeError, ValueError) as error:
            log.warning("TheirStack does not tell its credits: %r", error)
            self.account.used = self.account.left = None
            return
        self.account.used, self.account.left = used, granted - used

    async def search(self, body: Json) -> Found:
        """Return one page of jobs, and count what it cost.

        Raises:
            SourceStopped: no key, no credits, too many requests, nobody there.
            SourceRefused: the question is wrong.
        """
        return await retried(
            lambda: self._search(body), tries=self._tries, first_pause=self._first_pause
        )

    async def _search(self, body: Json) -> Found:
        try:
            answer = await self._ask("POST", "/v1/jobs/search", json=body)
            told = _envelope(answer)
        except Again as error:
            if error.doubtful:
                await self._find_out_what_was_lost(body["limit"])
            raise
        metadata = told["metadata"] if isinstance(told.get("metadata"), dict) else {}
        self.account.charge(len(told["data"]))
        truncated = metadata.get("truncated_results") or 0
        log.info(
            "TheirStack: %d jobs, %s in all, %s withheld for want of credits; requests left %s",
            len(told["data"]),
            metadata.get("total_results"),
            truncated,
            answer.headers.get("ratelimit-remaining"),
        )
        return Found(told["data"], metadata.get("total_results"), truncated)

    async def _find_out_what_was_lost(self, limit: int) -> None:
        """Compare the account with ours; where it is not known, believe the worst."""
        before = self.account.used
        await self.open_account()
        now = self.account.used
        lost = limit if before is None or now is None else max(0, now - before)
        self.account.lose(lost)

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        pause = self._not_before - time.monotonic()
        if pause > LONGEST_WAIT:
            raise SourceStopped(f"too many requests: none for {pause:.0f} s")
        await asyncio.sleep(pause)
        answer = await ask(self._http, method, path, **options)
        wait = seconds_to_wait(answer.headers) or 0.0
        self._not_before = time.monotonic() + max(self._between, wait)
        return answer


def _envelope(answer: httpx.Response) -> Json:
    told = parsed(answer)
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        return told
    raise Again("200 without a list of jobs", doubtful=True)


def is_page_too_large(error: Denied) -> bool:
    """Tell whether a plan refused the size of a page, and nothing else."""
    return _A_PAGE_TOO_LARGE in str(error) and "per page" in str(error)
