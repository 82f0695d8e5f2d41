"""What a service is: a declaration that `deploy/` turns into a running app.

`create_app` makes the same FastAPI app for one process and for many; only the `Runtime` differs.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import click
import orjson
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic_settings import BaseSettings
from sqlalchemy import MetaData, text

from libs.common import kept_answers, tracing
from libs.common.app import EnvelopeApp
from libs.common.db import Database
from libs.common.envelope import EnvelopeRoute
from libs.common.events import is_published
from libs.common.i18n import Catalogue
from libs.common.identity import SignedIn, Verifier
from libs.common.mail import Mailer
from libs.common.messaging import Consumer, InboxWorker, Relay, Transport, purging
from libs.common.metrics import LastRuns, metrics, watching
from libs.common.peers import Peer
from libs.common.privacy import PersonalData, erasing
from libs.common.rows import Rows
from libs.common.sessions import ReadSession, WriteSession
from libs.common.settings import CommonSettings
from libs.common.storage import Store
from libs.common.tasks import Task, repeat

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """One service as it declares itself; see the `service.py` of each."""

    name: str
    folder: Path
    router: APIRouter
    metadata: MetaData
    personal_data: PersonalData
    consumers: Sequence[Consumer] = ()
    """Of its own; see `listeners`."""
    patience: float = 0.0
    """Seconds that events wait for others before it hears of them, all together: where none of its
    readers looks on for them."""
    tasks: Sequence[Task] = ()
    """What it does by the clock."""
    beside: Callable[["Runtime"], AbstractAsyncContextManager[Any]] | None = None
    """What lives as long as its app; endpoints find what it gives as `app.state.beside`."""
    peers: Sequence[str] = ()
    """Names of the services that it reads from directly."""
    seed: Callable[[WriteSession], Awaitable[None]] | None = None
    """Loads reference data; safe to run again."""
    seed_demo: Callable[[WriteSession], Awaitable[None]] | None = None
    """Loads what the demo cannot make through the API; safe to run again.

    Raises a ValueError that says what is in its way, where something is.
    """
    commands: click.Group | None = None
    """The service's own commands, `waymark NAME …`."""
    settings: Callable[[], BaseSettings] | None = None
    """Reads the service's own knobs; asked before it starts, so that a wrong one ends the start."""
    faults: Callable[[ReadSession, CommonSettings], Awaitable[Sequence[str]]] | None = None
    """Says what an operator must mend in what is stored: as it starts, and to `waymark doctor`."""
    last_runs: LastRuns | None = None
    """Tells how its long works went last, for the metrics."""

    @property
    def consumed(self) -> frozenset[str]:
        """Names of the events of others that it listens to."""
        heard = [consumer.event for consumer in self.listeners if is_published(consumer.event)]
        return frozenset(event.event_name for event in heard)

    @property
    def listeners(self) -> Sequence[Consumer]:
        """Its consumers, and the one that every service has: it erases."""
        return [*self.consumers, erasing(self.name, self.metadata, self.personal_data)]

    @property
    def catalogue(self) -> Catalogue:
        """What it says, in each language."""
        return Catalogue(self.folder / "messages")


@dataclass(frozen=True)
class Runtime:
    """What a running service works with; made in `deploy/`."""

    db: Database
    transport: Transport
    verifier: Verifier
    peers: Mapping[str, Peer]
    store: Store
    mailer: Mailer
    settings: CommonSettings


def service_router(service: str) -> APIRouter:
    """Return the router on which a service hangs its endpoints, under `/api/v1`."""
    return APIRouter(
        prefix="/api/v1",
        route_class=EnvelopeRoute,
        tags=[service],
        generate_unique_id_function=operation_id,
    )


def create_app(service: Service, runtime: Runtime, *, answers: bool = True) -> FastAPI:
    """Make the app of a service. Its lifespan moves events as long as the app runs.

    A worker does all of a service's work but that it `answers` nothing: only whether it is well.

    Who made the runtime closes it: the transport first, which may be delivering, then the database.
    """
    runtime.db.info["runtime"] = runtime
    app = EnvelopeApp(
        service.catalogue,
        service.name,
        title=f"Waymark {service.name}",
        lifespan=lambda app: _moving_events(app, service, runtime),
        generate_unique_id_function=operation_id,
    )
    app.state.runtime = runtime
    if answers:
        app.router.routes += service.router.routes  # included, each would be looked for twice
        app.include_router(_own_data(service.personal_data))
    app.include_router(_health)
    if runtime.settings.metrics_port is None:
        app.add_api_route("/metrics", metrics, include_in_schema=False)
    if tracing.tracer is not None:
        app.add_middleware(tracing.Traced, tracer=tracing.tracer, service=service.name)
    return app


def operation_id(route: APIRoute) -> str:
    """Return a name for an operation that is unique over all services."""
    return "_".join([*map(str, route.tags), route.name])


@asynccontextmanager
async def _moving_events(app: FastAPI, service: Service, runtime: Runtime) -> AsyncIterator[None]:
    relay = Relay(runtime.db, runtime.transport)
    worker = InboxWorker(runtime.db, service.listeners)
    await runtime.transport.consume(service.name, service.consumed, worker.accept, service.patience)
    movers = [asyncio.create_task(relay.run()), asyncio.create_task(worker.run())]
    movers.append(asyncio.create_task(_warn(service, runtime)))
    tasks = [*service.tasks, *kept_answers.tasks(service.metadata), purging.purge]
    movers += [asyncio.create_task(repeat(task, runtime.db)) for task in tasks]
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(watching(runtime.db, service.last_runs))
            await stack.enter_async_context(runtime.verifier.following())
            if service.beside is not None:
                app.state.beside = await stack.enter_async_context(service.beside(runtime))
            yield
    finally:
        for mover in movers:
            mover.cancel()
        await asyncio.gather(*movers, return_exceptions=True)


async def _warn(service: Service, runtime: Runtime) -> None:
    """Log what must be mended; whatever keeps that from being known is told elsewhere."""
    if service.faults is not None:
        async with runtime.db.read() as session:
            for fault in await service.faults(session, runtime.settings):
                log.warning("%s", fault)


def runtime_of(request: Request) -> Runtime:
    """Return the runtime of the service that answers `request`."""
    return cast("Runtime", request.app.state.runtime)


def runtime_in(session: ReadSession | WriteSession) -> Runtime:
    """Return the runtime behind a session: for consumers, which see no request."""
    return cast("Runtime", session.info["runtime"])


async def _write_session(request: Request) -> AsyncIterator[WriteSession]:
    async with runtime_of(request).db.write() as session:
        yield session


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with runtime_of(request).db.read() as session:
        yield session


async def _runtime(request: Request) -> Runtime:
    return runtime_of(request)  # which is no coroutine: FastAPI would give it to a thread


async def _rows(request: Request) -> Rows:
    return runtime_of(request).db.rows


# Function scope: the commit comes before the answer, so a commit that fails is not answered 200.
Write = Annotated[WriteSession, Depends(_write_session, scope="function")]
Read = Annotated[ReadSession, Depends(_read_session, scope="function")]
Running = Annotated[Runtime, Depends(_runtime)]
Hot = Annotated[Rows, Depends(_rows)]
"""For what is read most: rows without a session."""


def _own_data(personal: PersonalData) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/internal/personal-data")
    async def own_data(me: SignedIn, session: Read) -> Response:
        """Tell `me` what is held of himself; the auth service asks on his behalf."""
        copy = await personal.copy_for(session, me.user_id)
        return Response(orjson.dumps(copy, option=orjson.OPT_UTC_Z), media_type="application/json")

    return router


_health = APIRouter(include_in_schema=False)


@_health.get("/health/live")
async def live() -> dict[str, Any]:
    """Answer that the process is there."""
    return {"status": "live"}


@_health.get("/health/ready")
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Answer whether the database can be used: without it no call can be served.

    An absent broker does not count: events wait in the outbox meanwhile.
    """
    try:
        async with asyncio.timeout(2), runtime_of(request).db.read() as session:
            await session.execute(text("SELECT 1"))
    except Exception:
        response.status_code = 503
        return {"status": "unavailable"}
    return {"status": "ready"}
