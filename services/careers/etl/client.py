"""The O*NET Web Services as a polite guest meets them: slowly, patiently, and at no other host."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
from pydantic import SecretStr

from libs.common import clock

log = logging.getLogger(__name__)

PAGE = 1000
"""Rows asked for at a time; v2.0 refuses more than 2,000, and gives 10 or 20 unasked."""
SLACK = 1.1
"""Turns are this much further apart than the rate asks: the network squeezes and stretches gaps."""
TRIES = 6
REDIRECTS = 3
PAGES = 100
LONGEST_PAUSE = 600.0
"""Seconds that an upstream may ask for; whoever wants more wants us back another day."""
_PAGING = {"start", "end", "total", "next", "prev", "link"}


class CrawlStopped(Exception):
    """Nothing more can be fetched in this run; the text says why, and what to do."""


class FetchFailed(Exception):
    """One answer could not be had; others may be."""


class _Later(Exception):
    """The upstream cannot answer now; `wait` is what it asks for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class _Shifted(Exception):
    """The list changed between two pages of it."""


class ApiKey(httpx.Auth):
    """Signs for v2.0. Outside of the client's headers, since those show in its repr."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        """Put the key where alone it may stand: in a header."""
        request.headers["X-API-Key"] = self._key.get_secret_value()
        yield request


class OnetClient:
    """Reads answers, not faster than `rate` a second over all that read at the same time."""

    def __init__(self, http: httpx.AsyncClient, rate: float, backoff: float, deadline: float):
        self._http = http
        self._interval = SLACK / rate
        self._backoff = backoff
        self._deadline = deadline
        self._gate = asyncio.Lock()
        self._next_turn = 0.0

    async def read(self, path: str) -> Any | None:
        """Return the JSON at `path`, None where there is no data.

        Raises:
            FetchFailed: no answer after several tries, or one that leads elsewhere.
            CrawlStopped: the credentials are refused, or the upstream wants to be left alone.
        """
        return await self._json(self._http.base_url.join(path))

    async def read_pages(self, path: str) -> dict[str, Any] | None:
        """Return the object at `path` with the rows of all its pages, None where there is no data.

        Raises: as `read`.
        """
        for _ in range(TRIES):
            try:
                return await self._pages(path)
            except _Shifted:
                log.warning("%s changed while it was read: once more from its first page", path)
            except (AttributeError, KeyError, TypeError, httpx.InvalidURL) as error:
                raise FetchFailed(f"{path} is paged in a way unknown here") from error
        raise FetchFailed(f"{path} changes while it is read")

    async def _pages(self, path: str) -> dict[str, Any] | None:
        url: httpx.URL | None = self._http.base_url.join(f"{path}?start=1&end={PAGE}")
        whole: dict[str, Any] = {}
        seen, total = set[httpx.URL](), None
        while url is not None:
            if url in seen or len(seen) == PAGES:
                raise FetchFailed(f"{path} has pages without end")
            seen.add(url)
            body = await self._json(url)
            if not isinstance(body, dict):
                if seen == {url} and body is None:
                    return None
                raise FetchFailed(f"{path} has a page that is no object")
            if whole and body.get("total") != total:
                raise _Shifted
            total = body.get("total")
            _join(whole, body)
            url = self._next_page(url, body)
        return whole

    def _next_page(self, url: httpx.URL, body: dict[str, Any]) -> httpx.URL | None:
        links = {link["rel"]: link["href"] for link in body.get("link", ())}  # v1.9
        following = body.get("next") or links.get("next")
        return self._own(url.join(following)) if following else None

    async def _json(self, url: httpx.URL) -> Any | None:
        for _ in range(REDIRECTS + 1):
            answer = await self._patiently(url)
            if not isinstance(answer, httpx.URL):
                return answer
            url = self._own(answer)
        raise FetchFailed(f"{url.path} redirects without end")

    def _own(self, url: httpx.URL) -> httpx.URL:
        """Return `url` where it is of the upstream's own host: the credentials go to no other."""
        base = self._http.base_url
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise FetchFailed(f"{base.host} leads to another host, {url.host}: not followed")
        return url

    async def _patiently(self, url: httpx.URL) -> Any | None:
        """Return what `url` answers, and ask again while it cannot."""
        for attempt in range(TRIES):
            await self._turn()
            try:
                async with asyncio.timeout(self._deadline):
                    return _content(await self._http.get(url))
            except _Later as later:
                why, wait = str(later), later.wait
            except (httpx.RequestError, TimeoutError) as error:
                why, wait = f"has not answered ({type(error).__name__})", None
            if wait is None:
                wait = self._backoff * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311
            if wait > LONGEST_PAUSE:
                raise CrawlStopped(f"O*NET asks to be left alone for {wait:.0f} s: resume then")
            log.warning("%s %s; try %d of %d", url.path, why, attempt + 1, TRIES)
            # Whatever ails it, it is left in peace by all that read.
            self._next_turn = max(self._next_turn, asyncio.get_running_loop().time() + wait)
        raise FetchFailed(f"{url.path} {why}, {TRIES} times")

    async def _turn(self) -> None:
        """Wait until one more request may be sent."""
        loop = asyncio.get_running_loop()
        async with self._gate:
            # Not once: while one sleeps, another may learn that all have to wait longer.
            while (wait := self._next_turn - loop.time()) > 0:  # noqa: ASYNC110
                await asyncio.sleep(wait)
            self._next_turn = loop.time() + self._interval


def _join(whole: dict[str, Any], page: dict[str, Any]) -> None:
    """Add a page's rows to those before; what numbers the pages is left out."""
    for key, value in page.items():
        if isinstance(value, list) and key in whole:
            whole[key] += value
        elif key not in _PAGING:
            whole[key] = value


def _content(response: httpx.Response) -> Any | None:
    """Return an answer's JSON, None for "no data", a URL where it redirects to.

    Raises:
        _Later: to ask again is worth it.
        CrawlStopped: it never will be.
        FetchFailed: it never will be, for this path.
    """
    status = response.status_code
    if status in (401, 403):
        raise CrawlStopped(
            f"O*NET refuses the credentials ({status}): check ONET_API_KEY for v2.0, or "
            "ONET_USERNAME and ONET_PASSWORD for v1.9, and that ONET_BASE_URL belongs to them"
        )
    if status in (404, 422):
        return None
    if response.next_request is not None:
        return response.next_request.url
    if status == 429 or status >= 500:
        raise _Later(f"answered {status}", _retry_after(response))
    if status != 200:
        raise FetchFailed(f"{response.url.path} answered {status}")
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise _Later("answered something that is not JSON") from None


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds to wait by RFC 9110 §10.2.3, None where it does not say."""
    told = response.headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    try:
        at: datetime = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds())


@asynccontextmanager
async def open_client(
    base_url: str,
    auth: httpx.Auth,
    *,
    rate: float,
    backoff: float = 0.5,
    deadline: float = 60.0,
) -> AsyncIterator[OnetClient]:
    """Open a client for a block.

    Args:
        base_url: of the upstream, with a slash at its end.
        auth: `ApiKey` for v2.0, `httpx.BasicAuth` for v1.9.
        rate: requests a second.
        backoff: seconds until a second try; each further one waits twice as long.
        deadline: seconds that an answer may take.
    """
    headers = {"Accept": "application/json", "User-Agent": "waymark-careers/1 (bot)"}
    async with httpx.AsyncClient(
        base_url=base_url, auth=auth, headers=headers, timeout=deadline
    ) as http:
        yield OnetClient(http, rate, backoff, deadline)
