"""pytest plugin: one service at a time, over a real PostgreSQL, without the others.

    bench = await bench_of(service)             # migrated, empty but for its seed
    answer = await bench.client.get("/api/v1/jobs", headers=bench.as_employer())
    await bench.hear(CompanyUpdated(...))       # as if the event had just arrived
    assert await bench.published() == [JobPosted(...)]  # what stands in the outbox

`postgres_url` is the root conftest's: a server on which databases may be made.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import make_url, text

from libs.common import clock
from libs.common.asgi import AsgiApp
from libs.common.db import Database, open_database
from libs.common.events import Event, Message, open_message
from libs.common.identity import ALGORITHM, Role, Verifier
from libs.common.ids import new_id
from libs.common.messaging import InboxWorker, LocalTransport, settle
from libs.common.migrations import upgrade
from libs.common.peers import Peer
from libs.common.service import Runtime, Service, create_app
from libs.common.sessions import WriteSession
from libs.common.settings import CommonSettings
from libs.common.storage import open_store

_KEY = Ed25519PrivateKey.generate()
_TOKEN_LIFE = 24 * 3600  # seconds: many are made at import, long before their test has its turn
_KEEP = {"alembic_version"}
_MESSAGES = {"outbox", "inbox", "idempotency"}


def jwks() -> dict[str, Any]:
    """Return the public half of the tests' signing key."""
    raw = base64.urlsafe_b64encode(_KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    key = {"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": "test", "alg": ALGORITHM, "use": "sig"}
    return {"keys": [key]}


def make_token(role: Role, user_id: UUID, /, **claims: Any) -> str:
    """Sign an access token as the auth service would; `claims` overrule the usual ones."""
    issued = int(clock.now().timestamp())
    body = {
        "iss": "waymark",
        "aud": "waymark-api",
        "sub": str(user_id),
        "sid": str(uuid4()),
        "role": role,
        "iat": issued,
        "exp": issued + _TOKEN_LIFE,
        "jti": str(uuid4()),
    }
    return jwt.encode(body | claims, _KEY, ALGORITHM, headers={"kid": "test"})


def signed_in(role: Role, user_id: UUID | None = None) -> dict[str, str]:
    """Return the headers of a caller."""
    return {"Authorization": f"Bearer {make_token(role, user_id or new_id())}"}


@dataclass
class SentMail:
    """A mailer that keeps what it is handed: the far end of a service's tests of mail."""

    sent: list[EmailMessage] = field(default_factory=list)

    async def send(self, mail: EmailMessage, people: Sequence[UUID]) -> None:
        """Keep it."""
        self.sent.append(mail)

    async def forget(self, person: UUID) -> None:
        """Do nothing, as SMTP."""


@dataclass(frozen=True)
class Bench:
    """A service under test."""

    service: Service
    app: FastAPI
    client: httpx.AsyncClient
    runtime: Runtime
    worker: InboxWorker
    mail: SentMail

    @property
    def db(self) -> Database:
        """The service's database, under its role."""
        return self.runtime.db

    async def hear(self, *events: Event) -> None:
        """Deliver events into the inbox, and work until it is empty."""
        await self.worker.accept([Message.of(event) for event in events])
        await self.settle()

    async def settle(self) -> None:
        """Work off the inbox, due or not."""
        await settle([], [self.worker])

    async def published(self) -> list[Event]:
        """Return the events in the outbox, in order of writing."""
        rows = await self.rows("SELECT body FROM outbox ORDER BY seq")
        return [open_message(_bytes(row["body"]))[0] for row in rows]

    async def rows(self, statement: str, **values: Any) -> list[Mapping[str, Any]]:
        """Run a query as the service's role; return its rows as mappings."""
        async with self.db.read() as session:
            found = await session.execute(text(statement), values)
            return [dict(row) for row in found.mappings()]


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> Callable[[Service], str]:
    """Return a function that makes a service's own test database, once a session."""
    made: dict[str, str] = {}

    def make(service: Service) -> str:
        if service.name not in made:
            name = f"bench_{service.name}"
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                connection.execute(f'CREATE DATABASE "{name}"')
            url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
            upgrade(url, service.name, service.folder)
            made[service.name] = url
        return made[service.name]

    return make


BenchOf = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def bench_of(migrated: Callable[[Service], str], tmp_path: Path) -> AsyncIterator[BenchOf]:
    """Return a function that sets a service up: `await bench_of(service, peers={"jobs": app})`."""
    opened: list[Bench] = []

    async def set_up(service: Service, peers: Mapping[str, AsgiApp] | None = None) -> Bench:
        bench = _bench(service, migrated(service), tmp_path, peers or {})
        opened.append(bench)
        await _begin_anew(bench, _seeded.setdefault(service.name, {}))
        return bench

    yield set_up
    for bench in opened:
        await bench.client.aclose()
        await bench.db.close()


def _bench(service: Service, url: str, folder: Path, peers: Mapping[str, AsgiApp]) -> Bench:
    async def fetch_jwks() -> dict[str, Any]:
        return jwks()

    mail = SentMail()
    settings = CommonSettings(data_dir=folder, environment="development")
    runtime = Runtime(
        db=open_database(url, service.name),
        transport=LocalTransport(),
        verifier=Verifier(fetch_jwks, issuer="waymark", audience="waymark-api"),
        peers={name: Peer(name, app) for name, app in peers.items()},
        store=open_store(str(folder / "files")),
        mailer=mail,
        settings=settings,
    )
    app = create_app(service, runtime)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://waymark")
    worker = InboxWorker(runtime.db, service.listeners)
    return Bench(service, app, client, runtime, worker, mail)


_seeded: dict[str, dict[str, object]] = {}
"""Service -> table -> the mark of what its seed put there."""


async def _begin_anew(bench: Bench, seeded: dict[str, object]) -> None:
    """Empty the database and seed it; what was seeded, and nobody touched, just stays."""
    names = [t.name for t in bench.service.metadata.sorted_tables if t.name not in _KEEP]
    async with bench.db.write() as session:
        if seeded != await _marks(session, [*seeded]):
            seeded.clear()
        if full := await _full(session, [name for name in names if name not in seeded]):
            await session.execute(text(f"TRUNCATE {', '.join(full)} CASCADE"))
        if bench.service.seed and not seeded:
            await bench.service.seed(session)
            await session.flush()
            marks = await _marks(session, [name for name in names if name not in _MESSAGES])
            seeded.update({name: mark for name, mark in marks.items() if mark != (0, None)})


async def _full(session: WriteSession, names: Sequence[str]) -> list[str]:
    """Return which tables have rows: to empty one takes as long whether it has any or not."""
    rows = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (TABLE {name})" for name in names)
    return [str(name) for (name,) in await session.execute(text(rows))]


async def _marks(session: WriteSession, names: Sequence[str]) -> dict[str, object]:
    """Return of each table how many rows it has, and which transaction wrote to it last."""
    marks: dict[str, object] = {}
    for name in names:
        mark = text(f"SELECT count(*), max(CAST(CAST(xmin AS text) AS bigint)) FROM {name}")  # noqa: S608
        marks[name] = tuple((await session.execute(mark)).one())
    return marks
