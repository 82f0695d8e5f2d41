"""The processes of a system: all in one, one service, or the gateway."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import uvloop
from fastapi import FastAPI

from deploy import runtime as made
from deploy.embedded import embedded_postgres, running_on
from deploy.observed import observed
from deploy.seed import DEMO_ACCOUNTS, DEMO_PASSWORD, seed_demo
from deploy.server import listen, serve
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from gateway.app import Upstream, create_gateway
from libs.common.asgi import AsgiApp
from libs.common.asyncapi import asyncapi_document
from libs.common.identity import Verifier
from libs.common.messaging import LocalTransport
from libs.common.service import create_app

Say = Callable[[str], None]
Beside = socket.socket | None
"""Where the metrics are served, if they have a port of their own."""


@contextmanager
def database(settings: DeploySettings) -> Iterator[str]:
    """Give the URL of the database: `DATABASE_URL`, else a PostgreSQL of our own in `DATA_DIR`."""
    url = made.secret(settings.database_url)
    if url is not None:
        yield url
        return
    with embedded_postgres(settings.data_dir / "postgres") as own:
        yield own


@contextmanager
def shared_database(settings: DeploySettings) -> Iterator[str]:
    """Give the same URL to a command, which may run beside a `waymark up` on the same folder."""
    running = running_on(settings.data_dir / "postgres")
    if settings.database_url is None and running is not None:
        yield running
        return
    with database(settings) as url:
        yield url


def run_all(settings: DeploySettings, say: Say) -> None:
    """Run the gateway and the six services in this process until told to stop."""
    with (
        listen(settings.host, settings.port) as listener,
        observed(settings) as beside,
        database(settings) as url,
    ):
        made.migrate(url)
        uvloop.run(_all(settings, url, listener, beside, say))


async def _all(
    settings: DeploySettings, url: str, listener: socket.socket, beside: Beside, say: Say
) -> None:
    apps: dict[str, FastAPI] = {}
    async with AsyncExitStack() as stack:
        transport = made.open_transport(settings)
        reach = _within(apps)
        verifier = made.open_verifier(reach("auth"), settings)
        for name, service in SERVICES.items():
            runtime = made.open_runtime(service, url, transport, reach, verifier, settings)
            stack.push_async_callback(runtime.db.close)
            apps[name] = create_app(service, runtime)
            await made.seed_reference(service, runtime)
        stack.push_async_callback(transport.close)
        await made.declare_all(transport)
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        gateway = _gateway(apps.__getitem__, verifier, settings)

        async def ready() -> None:
            if settings.wants_demo:
                await seed_demo(gateway, {name: app.state.runtime for name, app in apps.items()})
            _say_ready(settings, say)

        await serve(gateway, listener, ready, beside=beside)


def _within(apps: Mapping[str, AsgiApp]) -> made.Reach:
    """Reach services of this very process, also those that are made only later."""

    def reach(name: str) -> AsgiApp:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await apps[name](scope, receive, send)

        return app

    return reach


def run_service(name: str, settings: DeploySettings, port: int, say: Say) -> None:
    """Run one service until told to stop; the others are reached by their URLs."""
    _run(name, settings, port, say, answers=True)


def run_worker(name: str, settings: DeploySettings, port: int, say: Say) -> None:
    """Do a service's work beside it, events and what is done by the clock, until told to stop."""
    _run(name, settings, port, say, answers=False)


def _run(name: str, settings: DeploySettings, port: int, say: Say, *, answers: bool) -> None:
    with (
        listen(settings.host, port) as listener,
        observed(settings) as beside,
        database(settings) as url,
    ):
        uvloop.run(_service(name, settings, url, listener, beside, say, answers=answers))


async def _service(
    name: str,
    settings: DeploySettings,
    url: str,
    listener: socket.socket,
    beside: Beside,
    say: Say,
    *,
    answers: bool,
) -> None:
    transport = made.open_transport(settings)
    if isinstance(transport, LocalTransport):
        raise made.NotConfigured("set RABBITMQ_URL: services in several processes need a broker")
    reach = made.elsewhere(settings)
    verifier = made.open_verifier(reach("auth"), settings)
    runtime = made.open_runtime(SERVICES[name], url, transport, reach, verifier, settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runtime.db.close)
        stack.push_async_callback(transport.close)
        await made.declare_all(transport)
        app = create_app(SERVICES[name], runtime, answers=answers)
        what = name if answers else f"a worker of {name}"
        await serve(app, listener, _saying(say, f"{what} is ready"), beside=beside)


def run_gateway(settings: DeploySettings, say: Say) -> None:
    """Run the gateway until told to stop; the services are reached by their URLs."""
    with listen(settings.host, settings.port) as listener, observed(settings) as beside:
        reach = made.elsewhere(settings)
        gateway = _gateway(reach, made.open_verifier(reach("auth"), settings), settings)
        ready = _saying(say, "the gateway is ready")
        uvloop.run(serve(gateway, listener, ready, beside=beside))


def _gateway(reach: made.Reach, verifier: Verifier, settings: DeploySettings) -> AsgiApp:
    upstreams = {
        name: Upstream(reach(name), made.openapi_of(service)) for name, service in SERVICES.items()
    }
    document = asyncapi_document({name: s.consumed for name, s in SERVICES.items()})
    return create_gateway(upstreams, verifier, settings, document)


def _saying(say: Say, text: str) -> Callable[[], Any]:
    async def ready() -> None:
        say(text)

    return ready


def _say_ready(settings: DeploySettings, say: Say) -> None:
    address = f"http://localhost:{settings.port}"
    say(f"Waymark is ready at {address}")
    say(f"  try every call   {address}/docs")
    if settings.wants_demo:
        for role, email in DEMO_ACCOUNTS.items():
            say(f"  {role:<16} {email}  {DEMO_PASSWORD}")
