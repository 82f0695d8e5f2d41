"""For tests of open streams: a real server in the loop of the test, and a reader of events."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import orjson
import uvicorn


@dataclass(frozen=True)
class Event:
    """One event."""

    kind: str
    id: str
    data: Any


class Reader:
    """Reads what a stream tells."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.aiter_lines()
        self.comments = 0
        self.retries: list[int] = []

    async def next(self, within: float = 5.0) -> Event | None:
        """Return the next event, None at the end; fail where neither comes `within` seconds."""
        found: dict[str, str] = {}
        async with asyncio.timeout(within):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                match name:
                    case "" if found:
                        return Event(found["event"], found["id"], orjson.loads(found["data"]))
                    case ":":
                        self.comments += 1
                    case "retry":
                        self.retries.append(int(value))
                    case _ if value:
                        found[name] = value
        return None

    async def some(self, count: int, within: float = 5.0) -> list[Event]:
        """Return the next events, which must be there `within` seconds each."""
        events = [await self.next(within) for _ in range(count)]
        assert None not in events, "the stream has ended"
        return [event for event in events if event is not None]


@asynccontextmanager
async def reading(
    client: httpx.AsyncClient, who: Mapping[str, str], last: str | None = None
) -> AsyncIterator[Reader]:
    """Open a stream for `who` (headers), after the event `last`; the connection ends with it."""
    headers = dict(who) | ({} if last is None else {"Last-Event-ID": last})
    async with client.stream("GET", "/api/v1/stream", headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Reader(answer)


@asynccontextmanager
async def served(app: Any, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `app` on a real socket, its lifespan included; gives a client of it."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on", **options)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    end = monotonic() + 10
    while not server.started:
        assert monotonic() < end, "the server does not start"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=20, limits=limits
    ) as client:
        yield client
    server.should_exit = True
    await task
