"""Serves an ASGI app with uvicorn until SIGINT or SIGTERM, then ends within ten seconds."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import click
import uvicorn

from gateway.connection import ClientConnection

_STOP_SECONDS = 5


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: those end the process before we have closed."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell that connections are accepted."""
        await super().startup(sockets)
        # A full collection over all that was imported would stop every request for 50 ms.
        gc.collect()
        gc.freeze()
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bind a listening socket, or say in plain words why it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Set HOST or PORT to a free one."
        ) from error
    return listener


async def serve(
    app: Any, listener: socket.socket, when_ready: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve `app` on `listener`; call `when_ready` once connections are accepted."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=ClientConnection,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listener]))
        serving.add_done_callback(lambda _: server.listening.set())
        await server.listening.wait()
        if when_ready is not None and not serving.done():
            await when_ready()
