"""One question to an outside API: what its answer means, and when to ask again."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from services.ingestion.sources.shape import SourceRefused, SourceStopped, storable

T = TypeVar("T")

LONGEST_WAIT = 120.0
"""Seconds that are waited for a rate limit; a longer one ends the run, which goes on later."""
TRIES = 4
_LONGEST_PAUSE = 30.0
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Again(Exception):
    """It may work the next time."""

    def __init__(self, reason: str, *, wait: float | None = None, doubtful: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        """Seconds, where the other side says so."""
        self.doubtful = doubtful
        """Whether the other side may have done, and billed, what was asked."""


class Denied(SourceStopped):
    """The key is not accepted, or not for this."""


class NotThere(SourceRefused):
    """There is nothing at that address."""


class OutOfCredits(SourceStopped):
    """Nothing is left to pay with."""


async def ask(http: httpx.AsyncClient, method: str, path: str, **options: Any) -> httpx.Response:
    """Make a request and return its answer, which is 200 and JSON.

    Raises:
        Again: it failed in a way that passes.
        SourceStopped: no key, no credits, or too many requests for longer than is waited.
        SourceRefused: any other answer.
    """
    try:
        answer = await http.request(method, path, **options)
    except httpx.TransportError as error:
        doubtful = not isinstance(error, _UNSENT)
        raise Again(f"{type(error).__name__} {error}".strip(), doubtful=doubtful) from error
    if answer.status_code != 200:
        raise _failure(answer)
    return answer


def parsed(answer: httpx.Response) -> Any:
    """Return the JSON of an answer, such as can be stored.

    Raises:
        Again: it is none.
    """
    try:
        return storable(json.loads(answer.content.decode("utf-8", "replace")))
    except (ValueError, RecursionError) as error:
        raise Again("200 without JSON", doubtful=True) from error


async def retried(call: Callable[[], Awaitable[T]], *, tries: int, first_pause: float = 1.0) -> T:
    """Call until it works; what may have been billed is asked for twice at most.

    Raises:
        SourceStopped: the last try failed too.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome and state.outcome.exception()
        if isinstance(error, Again) and error.wait is not None:
            return error.wait
        return backing_off(state)

    backing_off = wait_random_exponential(multiplier=first_pause, max=_LONGEST_PAUSE)
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(Again),
        wait=wait,
        stop=stop_after_attempt(tries),
        reraise=True,
    )

    doubts = 0

    async def once() -> T:
        nonlocal doubts
        try:
            return await call()
        except Again as error:
            doubts += error.doubtful
            if doubts > 1:
                raise SourceStopped(f"gave up: {error}") from error
            raise

    try:
        return await retrying(once)
    except Again as error:
        raise SourceStopped(f"gave up after {tries} tries: {error}") from error


async def get(http: httpx.AsyncClient, path: str, **params: str | int) -> Any:
    """Return the JSON at a path, asking again where that may help.

    Raises:
        SourceStopped: it is not to be had now.
        SourceRefused: it is not to be had; `NotThere` where there is none.
    """

    async def once() -> Any:
        return parsed(await ask(http, "GET", path, params=params))

    return await retried(once, tries=TRIES)


def seconds_to_wait(headers: httpx.Headers) -> float | None:
    """Return for how long no request is welcome: `Retry-After`, else the windows that are used up.

    `RateLimit-Remaining` and `-Reset` list their windows in the same order; resets are seconds to
    go. None where nothing is said.
    """
    try:
        if "retry-after" in headers:
            return max(0.0, float(headers["retry-after"]))
        remaining = headers.get("ratelimit-remaining", "").split(",")
        resets = headers.get("ratelimit-reset", "").split(",")
        used_up = [
            float(end) for left, end in zip(remaining, resets, strict=False) if int(left) == 0
        ]
    except ValueError:  # a date, or no figures
        return None
    return max(used_up, default=None)


def _failure(answer: httpx.Response) -> Exception:
    status, said = answer.status_code, f"{answer.status_code}: {_said(answer)}"
    match status:
        case 401 | 403:
            return Denied(said)
        case 402:
            return OutOfCredits(f"no credits left ({said})")
        case 429:
            wait = seconds_to_wait(answer.headers)
            if wait is not None and wait > LONGEST_WAIT:
                return SourceStopped(f"too many requests: none for {wait:.0f} s")
            return Again(said, wait=wait)
        case 404:
            return NotThere(said)
        case status if status >= 500:
            return Again(said, doubtful=status == httpx.codes.GATEWAY_TIMEOUT)
    return SourceRefused(said)


def _said(answer: httpx.Response) -> str:
    """Return what an error's body says, whichever form it has; never the request."""
    try:
        body = answer.json()
    except ValueError:
        return answer.reason_phrase
    match body:
        case {"error": {"title": title, "description": description, "code": code}}:
            return " ".join(str(part) for part in (code, title, description) if part)
        case {"error": {"title": title}}:
            return str(title)
        case {"detail": [{"loc": place, "msg": problem}, *_]}:
            return f"{place}: {problem}"
        case {"detail": str(detail)}:
            return detail
    return answer.reason_phrase
