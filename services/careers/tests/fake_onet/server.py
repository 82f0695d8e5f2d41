"""The fake on a real socket: credentials, pages, faults by script, and the meter."""

import asyncio
import base64
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

import orjson
import uvicorn

from services.careers.tests.fake_onet import online, v2, v19
from services.careers.tests.fake_onet.meter import RateMeter
from services.careers.tests.fake_onet.release import Release

KEY = "fake-key-Zx81qQ"
USER, PASSWORD = "fake-user", "fake-password-Wm42"
FORBIDDEN = b"<html><head><title>403 Forbidden</title></head><body>nginx</body></html>"
UNAVAILABLE = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
PAGED = {"online/occupations"} | {f"details/{name}" for name in online.DETAILS} - {
    "details/education",
    "details/job_zone",
}
WIDEST = 2000


@dataclass(frozen=True)
class Fault:
    """One answer by script. `edit` changes the true one; else `status` and `body` replace it."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    edit: Callable[[Any], Any] | None = None
    cut: int | None = None
    """How many bytes of the body are sent, under a length that fits them."""
    delay: float = 0
    """Seconds before the answer."""


NO_DATA = Fault(422, b'{"error":"No data"}')
HTML_503 = Fault(503, UNAVAILABLE, {"Content-Type": "text/html"})


def redirect(to: str, status: int = 308) -> Fault:
    """Return an answer that leads elsewhere."""
    return Fault(status, b"", {"Location": to})


@dataclass
class FakeOnet:
    """What runs; tests script it, and read what it was asked."""

    release: Release
    base_url: str = ""
    page: int = 20
    """Rows of a page where the caller does not say."""
    most: int = WIDEST
    """Rows of a page at most, whatever the caller says: makes short lists have pages."""
    pace: float = 0
    """Seconds that each answer takes."""
    meter: RateMeter = field(default_factory=RateMeter)
    asked: list[str] = field(default_factory=list)
    """The paths, queries included, in order."""
    most_at_once: int = 0
    """The most requests that waited for their answers at one time."""
    strangers: list[dict[str, str]] = field(default_factory=list)
    """Headers of what was asked without the right credentials."""
    _waiting: int = 0
    _script: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, Fault] = field(default_factory=dict)

    def forget(self) -> None:
        """Be as new: no script, nothing asked yet."""
        self.__init__(self.release, self.base_url)  # type: ignore[misc]

    def script(self, path: str, *faults: Fault) -> None:
        """Answer the next requests for `path` with these, one after the other."""
        self._script[path].extend(faults)

    def always(self, path: str, fault: Fault) -> None:
        """Answer every request for `path` so."""
        self._always[path] = fault

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request (ASGI)."""
        self.meter.note()
        path, query = scope["path"].removeprefix("/"), scope["query_string"].decode()
        self.asked.append(f"{path}?{query}" if query else path)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        fault = self._fault(path)
        self._waiting += 1
        self.most_at_once = max(self.most_at_once, self._waiting)
        await asyncio.sleep(fault.delay or self.pace)
        self._waiting -= 1
        status, kind, body = self._answer(path, dict(parse_qsl(query)), headers, fault)
        told = {"Content-Type": kind} | fault.headers
        raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    def _fault(self, path: str) -> Fault:
        queue = self._script[path]
        return queue.popleft() if queue else self._always.get(path, Fault())

    def _answer(
        self, path: str, query: dict[str, str], headers: dict[str, str], fault: Fault
    ) -> tuple[int, str, bytes]:
        old = path.startswith("ws/")
        if fault.body is not None:
            return fault.status, "application/json", fault.body
        if not self._knows(headers, old) or "key" in str(query).lower():
            self.strangers.append(headers)
            return (401 if old else 403), "text/html", FORBIDDEN
        status, found = self._found(path.removeprefix("ws/"), query, old)
        if fault.edit is not None:
            found = fault.edit(found)
        return (
            fault.status if fault.status != 200 else status,
            "application/json",
            orjson.dumps(found)[: fault.cut],
        )

    def _knows(self, headers: dict[str, str], old: bool) -> bool:
        if not old:
            return headers.get("x-api-key") == KEY
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return headers.get("authorization") == f"Basic {basic}"

    def _found(self, path: str, query: dict[str, str], old: bool) -> tuple[int, Any]:
        base = self.base_url + ("ws/" if old else "")
        found = (v19 if old else v2).answer(self.release, path, base)
        if found is None:
            # v1.9 knows no 404 for codes; v2.0 has it, and 422 for what a code has not.
            return (422 if old or "/details/" in path else 404), {"error": "Not found"}
        kept = path if path in PAGED else "/".join(path.split("/")[-2:])
        if kept not in PAGED:
            return (422, {"error": "unknown parameter"}) if query else (200, found)
        return self._paged(f"{base}{path}", found, query, old)

    def _paged(
        self, url: str, found: dict[str, Any], query: dict[str, str], old: bool
    ) -> tuple[int, Any]:
        start, end = int(query.get("start", 1)), int(query.get("end", 0))
        end = end or start + self.page - 1
        if end - start >= WIDEST:
            return 422, {"error": "the window is too wide"}
        [(name, rows)] = [(key, rows) for key, rows in found.items() if isinstance(rows, list)]
        end = min(end, start + self.most - 1, len(rows))
        body = found | {name: rows[start - 1 : end]}
        numbers: dict[str, Any] = {"start": start, "end": end, "total": len(rows)}
        if end < len(rows):
            following = f"{url}?start={end + 1}&end={end + self.most}"
            link = {"link": [{"rel": "next", "href": following}]}
            numbers |= link if old else {"next": following}
        return 200, numbers | body


@asynccontextmanager
async def serving(release: Release, limit: float = inf) -> AsyncIterator[FakeOnet]:
    """Serve on a free port; fail in the end where more than `limit` came in any second."""
    fake = FakeOnet(release)
    config = uvicorn.Config(fake, port=0, log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    listening = asyncio.create_task(server.serve())
    end = monotonic() + 10
    while not server.started:
        assert monotonic() < end, "the fake has not started"
        await asyncio.sleep(0.005)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    fake.base_url = f"http://{host}:{port}/"
    try:
        yield fake
        assert fake.meter.busiest <= limit, f"{fake.meter.busiest} requests in one second"
    finally:
        server.should_exit = server.force_exit = True
        await listening
