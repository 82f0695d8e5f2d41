"""The open streams of a process: woken by PostgreSQL, served by one statement for many."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence, Set
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic, time
from uuid import UUID

from libs.common.db import Database
from libs.common.i18n import Catalogue
from libs.common.identity import Verifier
from libs.common.listening import listening
from libs.common.messaging.loop import forever
from libs.common.service import Runtime
from services.messaging.commands.stream import CHANNEL
from services.messaging.queries.stream import News, Place, news
from services.messaging.stream.events import Written, event, told, wanted_in, written_out
from services.messaging.stream.streams import Stream

MOST_OF_ONE = 10
"""Streams of one person in this process."""
_CATALOGUE = Catalogue(Path(__file__).parents[1] / "messages")
_SUPERSEDED = b"retry: 60000\n\n"
_GATHER_SECONDS = 0.005
_BATCH = 500
_TICK_SECONDS = 1.0


@asynccontextmanager
async def running_hub(runtime: Runtime) -> AsyncIterator["Hub"]:
    """Run the hub of a process."""
    hub = Hub(runtime.db, runtime.verifier)
    async with hub.running():
        yield hub


class Hub:
    """Knows who looks on, and tells them."""

    def __init__(self, db: Database, verifier: Verifier) -> None:
        self._db = db
        self._verifier = verifier
        self._streams: dict[UUID, list[Stream]] = {}
        self._behind: dict[Stream, None] = {}
        """Those for whom there may be something new, first come, first served."""
        self._woken = asyncio.Event()

    @contextmanager
    def opened(self, stream: Stream) -> Iterator[None]:
        """Tell `stream` what is new, as long as this lasts.

        The oldest stream of somebody who has too many is ended, not the newest refused: it may
        belong to a device that is long gone. If it does not, its reader is told to wait a minute
        before he comes back, so that two do not push each other out again and again.
        """
        mine = self._streams.setdefault(stream.reader.user_id, [])
        mine.append(stream)
        if len(mine) > MOST_OF_ONE:
            mine[-MOST_OF_ONE - 1].end(_SUPERSEDED)
        if self._verifier.has_ended(stream.reader.session_id):  # since the token was looked at
            stream.end()
        self._wake([stream])
        try:
            yield
        finally:
            mine.remove(stream)
            if not mine:
                del self._streams[stream.reader.user_id]
            self._behind.pop(stream, None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear what is new, and of sessions that end."""
        step = forever("streams", self._step, full=1, woken=self._woken)
        tasks = [asyncio.create_task(step), asyncio.create_task(self._tick())]
        self._verifier.on_ended.append(self._end_sessions)
        try:
            async with listening(self._db, CHANNEL, self._hear, self._wake_all):
                yield
        finally:
            self._verifier.on_ended.remove(self._end_sessions)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _hear(self, people: str) -> None:
        for person in people.split(","):
            self._wake(self._streams.get(UUID(person), ()))

    def _wake_all(self) -> None:
        for mine in self._streams.values():
            self._wake(mine)

    def _wake(self, streams: Sequence[Stream]) -> None:
        if streams:
            self._behind.update(dict.fromkeys(streams))
            self._woken.set()

    async def _step(self) -> int:
        """Tell those who are behind, many at once; return how many wait for the next time."""
        await asyncio.sleep(_GATHER_SECONDS)
        first = list(islice(self._behind, _BATCH))
        for stream in first:
            del self._behind[stream]
        batch = [stream for stream in first if not stream.busy(partial(self._wake, [stream]))]
        if batch:
            try:
                await self._tell(batch)
            except Exception:
                self._wake(batch)
                raise
        return len(self._behind)

    async def _tell(self, batch: list[Stream]) -> None:
        at = int(time())
        async with self._db.read() as session:
            places = [Place(stream.reader.user_id, stream.cursor) for stream in batch]
            found = list(zip(batch, await news(session, places), strict=True))
            wanted = {
                wanted_in(stream.language, *item) for stream, one in found for item in one.items
            }
            written = await written_out(session, wanted, _CATALOGUE)
        for stream, one in found:
            self._tell_one(stream, one, at, written)

    def _tell_one(self, stream: Stream, found: News, at: int, written: Written) -> None:
        events, cursor, more = told(stream.cursor, found, at, written, stream.language)
        stream.cursor = cursor
        if more:
            self._wake([stream])
        elif not stream.ready:
            stream.ready = True
            events += b"" if events.startswith(b"event: reset") else event("ready", cursor)
        if events:
            stream.put(events)

    def _end_sessions(self, ended: Set[UUID]) -> None:
        for mine in self._streams.values():
            for stream in mine:
                if stream.reader.session_id in ended:
                    stream.end()

    async def _tick(self) -> None:
        """End what may not go on, and let the others hear a beat."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            seconds, now = time(), monotonic()
            for mine in self._streams.values():
                for stream in mine:
                    if stream.reader.expires_at <= seconds:
                        stream.end()
                    else:
                        stream.beat(now)
