"""One job told to 100,000 followers, while other notifications keep coming.

`python -m bench.fan_out` starts its own durable PostgreSQL. The messaging service's own worker and
relay run in this process; 50 times a second arrives an event that notifies somebody else, before
the job is posted and until its last follower is told. Timed is each of these from its arrival to
the commit of its notification.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import uvloop
from sqlalchemy import event, text

from bench.events import line
from deploy.embedded import embedded_postgres
from libs.common.contracts.jobs import JobExpired, JobPosted
from libs.common.db import Database, open_database
from libs.common.events import Message
from libs.common.ids import new_id
from libs.common.messaging import InboxWorker, LocalTransport, Relay
from libs.common.migrations import upgrade
from libs.common.sessions import WriteSession
from services.messaging.consumers import on_job_expired
from services.messaging.service import service

FOLLOWERS, RATE, BEFORE = 100_000, 50, 5.0  # people; a second; seconds
EMPLOYER = new_id()
_FOLLOW = """
    INSERT INTO follows (candidate_id, employer_id, since)
    SELECT gen_random_uuid(), :employer, now() - n * INTERVAL '1 min'
    FROM generate_series(1, :followers) AS n
    """
_COUNT = text("SELECT count(*), count(DISTINCT user_id) FROM notifications WHERE type = 'NewJob'")
_LEFT = text(
    "SELECT count(*) FROM inbox WHERE state = 'waiting' AND name IN ('fan_out.due', 'job.posted')"
)


class Clocked:
    """The service's worker; it notes when what the other events led to was committed."""

    def __init__(self, db: Database) -> None:
        self.finished: dict[UUID, float] = {}
        timed = replace(on_job_expired, handle=self._handle)
        consumers = [timed if one is on_job_expired else one for one in service.listeners]
        self.worker = InboxWorker(db, consumers)

    async def _handle(self, session: WriteSession, expired: JobExpired) -> None:
        await on_job_expired.handle(session, expired)
        await session.connection()  # so that the ORM takes part, and tells of the commit

        @event.listens_for(session.sync_session, "after_commit")
        def note(_: object) -> None:
            self.finished.setdefault(expired.job_id, time.perf_counter())


def job(cls: type[JobPosted | JobExpired], employer_id: UUID) -> JobPosted | JobExpired:
    facts = {"title": "Tester", "company_name": "X", "status": "Active", "version": 1}
    expires = datetime.now(UTC) + timedelta(days=30)
    return cls(job_id=new_id(), employer_id=employer_id, expires_at=expires, **facts)


@asynccontextmanager
async def running(db: Database) -> AsyncIterator[Clocked]:
    clocked = Clocked(db)
    relay = Relay(db, LocalTransport())
    tasks = [asyncio.create_task(one.run()) for one in (relay, clocked.worker)]
    yield clocked
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def arriving(clocked: Clocked, until: Awaitable[None]) -> list[float]:
    """Let others be notified until then; return how many milliseconds each took, sorted."""
    ended, arrived, accepting = asyncio.ensure_future(until), dict[UUID, float](), []
    started = time.perf_counter()
    while not ended.done():
        await asyncio.sleep(max(0.0, started + len(arrived) / RATE - time.perf_counter()))
        expired = job(JobExpired, new_id())
        arrived[expired.job_id] = time.perf_counter()
        accepting.append(asyncio.create_task(clocked.worker.accept([Message.of(expired)])))
    await asyncio.gather(ended, *accepting)
    while not arrived.keys() <= clocked.finished.keys():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return sorted((clocked.finished[one] - at) * 1000 for one, at in arrived.items())


async def told(db: Database, clocked: Clocked) -> None:
    """Post the job; return once its last follower is told."""
    await clocked.worker.accept([Message.of(job(JobPosted, EMPLOYER))])
    async with db.reader.connect() as connection:
        while await connection.scalar(_LEFT):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def show(name: str, took: list[float], goal: str = "") -> None:
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    figures = f"{p50:.1f} / {p99:.1f} / {took[-1]:.1f} ms"
    line(f"{len(took):,} other notifications, {name}, p50 / p99 / max", figures, goal)


async def main(url: str) -> None:
    db = open_database(url, service.name)
    async with db.write() as session:
        await session.run(_FOLLOW, employer=EMPLOYER, followers=FOLLOWERS)
        await session.run("ANALYZE follows")
    async with running(db) as clocked:
        show("before", await arriving(clocked, asyncio.sleep(BEFORE)))
        started = time.perf_counter()
        took = await arriving(clocked, told(db, clocked))
        line(f"{FOLLOWERS:,} followers told", f"{time.perf_counter() - started:.1f} s")
        show("meanwhile", took, "p99 < 2,000 ms")
    async with db.reader.connect() as connection:
        rows, people = (await connection.execute(_COUNT)).one()
    assert rows == people == FOLLOWERS, (rows, people)
    line("notifications of the job, and people who have one", f"{rows:,} and {people:,}")
    await db.close()


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="waymark-bench-") as place,
        embedded_postgres(Path(place) / "data") as server,
    ):
        upgrade(server, service.name, service.folder)
        uvloop.run(main(server))
