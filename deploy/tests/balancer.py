"""A TCP load balancer, as Kubernetes' Services are: new connections go to who is in the list."""

import asyncio
import itertools
import threading
from contextlib import suppress
from typing import Self


class Balancer:
    """Listens on a port of the loopback; runs in a thread of its own from `with` to its end."""

    def __init__(self) -> None:
        self.backends: list[int] = []
        """Ports that new connections go to, in turn; open connections stay where they are."""
        self._turn = itertools.count()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*rest, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._forward, "127.0.0.1", 0)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports = list(self.backends)
        first = next(self._turn)
        for offset in range(len(ports)):
            port = ports[(first + offset) % len(ports)]
            with suppress(OSError):
                to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
                both = {writer, to_writer}
                self._writers |= both
                await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))
                self._writers -= both
                return
        writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes; the end of one direction ends both, as the two ends would see it."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
