"""Expiry: exact for who reads, noted by the clock in batches, said once however many note it."""

import asyncio
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.contracts.jobs import JobExpired, JobFacts
from libs.common.db import Database, open_database
from libs.common.testing import Bench
from services.jobs import expiry
from services.jobs.commands.lifecycle import expire_due
from services.jobs.tests.samples import close, detail, find, make_overdue, posted, update


async def test_what_is_due_expires_once(bench: Bench) -> None:
    overdue, still_open = await posted(bench), await posted(bench, info={"title": "Librarian"})
    await make_overdue(bench, overdue)
    assert await find(bench) == ["Librarian"]  # also before anybody noted it
    assert (await detail(bench, overdue))["jobInfo"]["status"] == "Expired"
    assert [await expiry.expire(bench.db) for _ in range(2)] == [1, 0]
    [said] = await _said(bench)
    assert (said.job_id, said.status, said.version) == (UUID(overdue), "Expired", 2)
    assert (await detail(bench, overdue))["jobInfo"]["status"] == "Expired"
    assert (await detail(bench, still_open))["jobInfo"]["status"] == "Active"
    rows = await bench.rows("SELECT job_id FROM openings")
    assert [str(row["job_id"]) for row in rows] == [still_open]


async def test_hidden_and_closed_jobs_do_not_expire(bench: Bench) -> None:
    hidden, closed = await posted(bench), await posted(bench)
    await update(bench, hidden, {"jobInfo": {"status": "Hidden"}})
    await close(bench, closed)
    for job_id in (hidden, closed):
        await make_overdue(bench, job_id)
    assert await expiry.expire(bench.db) == 0
    assert await _said(bench) == []


async def test_one_that_was_opened_again_expires_again(bench: Bench) -> None:
    job_id = await posted(bench)
    for _ in range(2):
        await make_overdue(bench, job_id)
        assert await expiry.expire(bench.db) == 1
        await update(bench, job_id, {"jobInfo": {"expireDate": "2099-12-31"}})
        assert await find(bench) == ["Senior Backend Developer"]
    assert [event.version for event in await _said(bench)] == [2, 4]


async def test_two_replicas_share_the_work(bench: Bench) -> None:
    jobs = [await posted(bench) for _ in range(23)]
    for job_id in jobs:
        await make_overdue(bench, job_id)
    replica = open_database(bench.db.url, "jobs")
    try:
        counts = await asyncio.gather(*(_expire_all(db) for db in (bench.db, replica)))
    finally:
        await replica.close()
    assert sum(counts) == len(jobs)
    assert sorted(str(event.job_id) for event in await _said(bench)) == sorted(jobs)
    assert await bench.rows("SELECT job_id FROM openings") == []


async def test_one_that_somebody_holds_is_passed_over(bench: Bench) -> None:
    held, other = await posted(bench), await posted(bench)
    for job_id in (held, other):
        await make_overdue(bench, job_id)
    async with bench.db.write() as session:
        assert await expire_due(session, 1) == 1
        assert await expiry.expire(bench.db) == 1
    assert len(await _said(bench)) == 2


async def test_one_that_was_killed_at_it_leaves_the_work_to_the_others(bench: Bench) -> None:
    jobs = [await posted(bench) for _ in range(5)]
    for job_id in jobs:
        await make_overdue(bench, job_id)
    replica = open_database(bench.db.url, "jobs")
    try:
        with pytest.raises(DBAPIError):
            await _be_killed_at_it(replica, bench)
        assert await _said(bench) == []
        counts = await asyncio.gather(*(_expire_all(db) for db in (bench.db, replica)))
    finally:
        await replica.close()
    assert sum(counts) == len(jobs)
    assert sorted(str(event.job_id) for event in await _said(bench)) == sorted(jobs)


async def _be_killed_at_it(replica: Database, bench: Bench) -> None:
    async with replica.write() as session:
        assert await expire_due(session, 3) == 3
        backend = await session.scalar(text("SELECT pg_backend_pid()"))
        await bench.rows("SELECT pg_terminate_backend(:backend)", backend=backend)


async def test_who_extends_it_as_it_expires_has_it_open(bench: Bench) -> None:
    for _ in range(10):
        job_id = await posted(bench)
        await make_overdue(bench, job_id)
        later = {"jobInfo": {"expireDate": "2099-12-31"}}
        await asyncio.gather(expiry.expire(bench.db), update(bench, job_id, later))
        assert (await detail(bench, job_id))["jobInfo"]["status"] == "Active"
        said = cast("list[JobFacts]", await bench.published())
        versions = sorted(event.version for event in said if str(event.job_id) == job_id)
        assert versions in ([1, 2], [1, 2, 3])
    assert len(await find(bench)) == 10
    assert await expiry.expire(bench.db) == 0


async def _expire_all(db: Database) -> int:
    count = 0
    while True:
        async with db.write() as session:
            expired = await expire_due(session, 5)
        count += expired
        if expired == 0:
            return count


async def _said(bench: Bench) -> list[JobExpired]:
    said = [event for event in await bench.published() if isinstance(event, JobExpired)]
    return sorted(said, key=lambda event: event.version)
