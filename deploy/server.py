"""Serves an ASGI app with uvicorn until SIGINT or SIGTERM, then ends within ten seconds."""

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

import click
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.connection import ClientConnection
from libs.common.asgi import ENDINGS
from libs.common.metrics import metrics

_STOP_SECONDS = 5
_MANY_FILES = 65_536


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: those end the process before we have closed."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.endings: set[Callable[[], None]] = set()
        """Of answers that would go on for ever."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell that connections are accepted."""
        self.lifespan.state[ENDINGS] = self.endings
        await super().startup(sockets)
        # A full collection over all that was imported would stop every request for 50 ms.
        gc.collect()
        gc.freeze()
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would not end, then wait for what will."""
        for end in list(self.endings):
            end()
        await super().shutdown(sockets)

    @contextmanager
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


def _allow_many_files() -> None:
    """Raise the limit of open files as far as we may: each open stream is one or two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def serve(
    app: Any,
    listener: socket.socket,
    when_ready: Callable[[], Awaitable[None]] | None = None,
    *,
    beside: socket.socket | None = None,
) -> None:
    """Serve `app` on `listener`; call `when_ready` once connections are accepted.

    On `beside` it serves the metrics of this process meanwhile.
    """
    _allow_many_files()
    server = _Server(_config(app, lifespan="on"))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    async with _serving_metrics(beside), asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listener]))
        serving.add_done_callback(lambda _: server.listening.set())
        await server.listening.wait()
        if when_ready is not None and not serving.done():
            await when_ready()


def _config(app: Any, lifespan: Literal["on", "off"]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=ClientConnection,
        ws="none",
        lifespan=lifespan,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


@asynccontextmanager
async def _serving_metrics(listener: socket.socket | None) -> AsyncIterator[None]:
    if listener is None:
        yield
        return
    server = _Server(_config(Starlette(routes=[Route("/metrics", metrics)]), lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
