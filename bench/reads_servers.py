"""The servers of the benchmarks of reads: a service of ours, raw ASGI, and a SQLModel session.

`python -m bench.reads_servers (ours|careers|raw|orm) PORT`, over the database at DATABASE_URL. The
raw one runs the SQL in the file at STATEMENT, a pickle of its text and its values.
"""

import asyncio
import logging
import os
import pickle
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import DateTime, func
from sqlalchemy.orm import registry, selectinload
from sqlmodel import Field, Relationship, SQLModel, col, select
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.server import listen, serve
from libs.common import clock
from libs.common.db import connection_options, open_database, service_metadata
from libs.common.envelope import envelope
from libs.common.identity import Verifier
from libs.common.messaging import LocalTransport
from libs.common.peers import Peer
from libs.common.schemas import Out
from libs.common.service import Runtime, Service, create_app
from libs.common.settings import CommonSettings
from libs.common.storage import open_store
from libs.common.testing import SentMail, jwks
from services.careers.service import service as careers
from services.jobs.service import service

CONNECTIONS = 10

# ------------------------------------------------------------------------------------------- ours


def ours(url: str, service: Service = service) -> FastAPI:
    """Make a service's app as `deploy` does; nobody else is there."""

    async def fetch_jwks() -> dict[str, Any]:
        return jwks()

    folder = tempfile.gettempdir()
    runtime = Runtime(
        db=open_database(url, service.name, pool_size=CONNECTIONS),
        transport=LocalTransport(),
        verifier=Verifier(fetch_jwks, issuer="waymark", audience="waymark-api"),
        peers={name: Peer(name, nobody) for name in service.peers},
        store=open_store(f"{folder}/waymark-bench-files"),
        mailer=SentMail(),
        settings=CommonSettings(data_dir=Path(folder), environment="development"),
    )
    return create_app(service, runtime)


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotImplementedError


# ------------------------------------------------------------------------------------ the raw one


def raw(url: str) -> ASGIApp:
    """Make the floor: one statement on a pooled connection, its JSON put into an envelope."""
    statement, values = pickle.loads(Path(os.environ["STATEMENT"]).read_bytes())  # noqa: S301
    pool: asyncio.LifoQueue[psycopg.AsyncConnection[Any]] = asyncio.LifoQueue()
    options = connection_options(service.name, default_transaction_read_only="on")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            for _ in range(CONNECTIONS):
                pool.put_nowait(
                    await psycopg.AsyncConnection.connect(
                        url, autocommit=True, cursor_factory=psycopg.AsyncRawCursor, **options
                    )
                )
            await send({"type": "lifespan.startup.complete"})
            await receive()
            while not pool.empty():
                await pool.get_nowait().close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        connection = await pool.get()
        found = await (await connection.execute(statement, values)).fetchone()
        pool.put_nowait(connection)
        assert found is not None
        total, jobs, _ = found
        body = b'{"message":"ok","data":%b,"error":null}' % jobs.encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-total-count", b"%d" % total),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


# ----------------------------------------------------------------------------- the SQLModel session


class _Row(SQLModel, registry=registry(metadata=service_metadata("jobs"))):
    pass


class Company(_Row, table=True):
    __tablename__ = "company_snapshots"

    company_id: UUID = Field(primary_key=True)
    name: str
    logo_url: str | None


class Link(_Row, table=True):
    __tablename__ = "job_skills"

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    skill_id: int = Field(primary_key=True, foreign_key="jobs.skills.id")
    position: int


class Skill(_Row, table=True):
    __tablename__ = "skills"

    id: int = Field(primary_key=True)
    name: str


class Description(_Row, table=True):
    __tablename__ = "job_descriptions"

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.jobs.id")
    location: str
    salary: str
    description: str


class Job(_Row, table=True):
    __tablename__ = "jobs"

    id: UUID = Field(primary_key=True)
    company_id: UUID = Field(foreign_key="jobs.company_snapshots.company_id")
    title: str
    status: str
    posted_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    company: Company = Relationship()
    jd: Description = Relationship(sa_relationship_kwargs={"uselist": False})
    skills: list[Skill] = Relationship(
        link_model=Link, sa_relationship_kwargs={"order_by": "Link.position"}
    )


class JobOut(Out):
    job_id: UUID
    title: str
    company_name: str
    logo_url: str | None
    salary: str
    location: str
    skills: list[str]
    post_date: date


def orm(url: str) -> FastAPI:
    """Make the peer: objects with their relations, turned into a response model."""
    db = open_database(url, service.name, pool_size=CONNECTIONS)
    app = FastAPI()
    answer = envelope(list[JobOut])

    @app.get("/api/v1/jobs", response_model=answer)
    async def jobs() -> BaseModel:
        is_open = (col(Job.status) == "Active", col(Job.expires_at) > func.now())
        page = (
            select(Job)
            .where(*is_open)
            .order_by(col(Job.posted_at).desc(), col(Job.id).desc())
            .limit(20)
            .options(*(selectinload(one) for one in (Job.company, Job.jd, Job.skills)))  # type: ignore[arg-type]
        )
        async with db.read() as session:
            found = (await session.exec(page)).all()
            return answer(message="ok", data=[shown(job) for job in found], error=None)

    return app


def shown(job: Job) -> JobOut:
    return JobOut(
        job_id=job.id,
        title=job.title,
        company_name=job.company.name,
        logo_url=job.company.logo_url,
        salary=job.jd.salary,
        location=job.jd.location,
        skills=[skill.name for skill in job.skills],
        post_date=clock.local_date(job.posted_at),
    )


if __name__ == "__main__":
    apps: dict[str, Callable[[str], ASGIApp]] = {
        "ours": ours,
        "careers": partial(ours, service=careers),
        "raw": raw,
        "orm": orm,
    }
    logging.basicConfig(level=logging.WARNING)
    app = apps[sys.argv[1]](os.environ["DATABASE_URL"])
    uvloop.run(serve(app, listen("127.0.0.1", int(sys.argv[2]))))
