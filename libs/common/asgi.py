"""Calls an ASGI app in this process, without a socket: a service, a gateway, or a proxy to one."""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection

from libs.common.metrics import OPEN_STREAMS

Scope = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Any, Any], Awaitable[None]]
ENDINGS = "endings"
"""Where the state of a scope has a set of what the server calls as it begins to stop."""


@contextmanager
def ended_at_stop(scope: Scope, end: Callable[[], None]) -> Iterator[None]:
    """Let the server call `end` if it stops meanwhile: for an answer without an end of its own."""
    endings: set[Callable[[], None]] = scope.get("state", {}).get(ENDINGS, set())
    endings.add(end)
    try:
        with OPEN_STREAMS.track_inprogress():
            yield
    finally:
        endings.discard(end)


def client_address(request: HTTPConnection) -> str | None:
    """Return the IP address of the client before the gateway, None where that is not known.

    The gateway writes it into every request, over whatever the client itself has sent; so it is
    as good as the wall that keeps clients from reaching a service past the gateway.
    """
    address = request.headers.get("x-forwarded-for", "")
    try:
        return str(ip_address(address))
    except ValueError:
        return None


@dataclass
class Answer:
    """What an app answered; a status of 0 means that it did not."""

    status: int = 0
    chunks: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks)

    async def send(self, message: Scope) -> None:
        """Take what the app sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))


async def call(
    app: AsgiApp,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Make one HTTP request of `app` and collect its whole answer, for small answers only."""
    sent = {"host": "waymark", "accept": "application/json", **(headers or {})}
    if body:
        sent |= {"content-type": "application/json", "content-length": str(len(body))}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 0),
        "server": ("waymark", 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    answer = Answer()
    await app(scope, receive, answer.send)
    return answer
