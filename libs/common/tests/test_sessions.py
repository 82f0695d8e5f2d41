"""A write session: the ORM and the driver in one transaction, and what its connections survive."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text

from libs.common import lending
from libs.common.db import Database, open_database
from libs.common.errors import ServiceUnavailable
from libs.common.handlers import as_api_error
from libs.common.sessions import WriteSession, write_last

_ADD = "INSERT INTO leaves (name) VALUES (:name) RETURNING name"
_LAST = """
    INSERT INTO leaves SELECT name FROM json_to_recordset(CAST(:rows AS json)) AS row (name text)
"""
_PID = "SELECT pg_backend_pid()"


@pytest.fixture
async def db(leaf_url: str) -> AsyncIterator[Database]:
    """Two connections, and an empty table of names that are there once."""
    with psycopg.connect(leaf_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS leaf CASCADE")
        connection.execute("CREATE SCHEMA leaf AUTHORIZATION waymark_leaf")
    db = open_database(leaf_url, "leaf", pool_size=2)
    async with db.write() as session:
        await session.run("CREATE TABLE leaves (name text PRIMARY KEY)")
    yield db
    assert db.writers.in_use == 0
    await db.close()


async def _leaves(db: Database) -> list[str]:
    return [name for (name,) in await db.rows.read("SELECT name FROM leaves ORDER BY name")]


async def _add(session: WriteSession, name: str) -> None:
    await session.execute(text(_ADD), {"name": name})


async def test_the_orm_and_the_driver_are_one_transaction(db: Database) -> None:
    async with db.write() as session:
        assert await session.run(_ADD, name="driver") == [("driver",)]
        await _add(session, "orm")
        assert await session.run(_PID) == [tuple(await _pid_in_orm(session))]
        write_last(session, _LAST, {"name": "last"})
        write_last(session, _LAST, {"name": "and least"})
        assert await _leaves(db) == []
    assert await _leaves(db) == ["and least", "driver", "last", "orm"]


async def _pid_in_orm(session: WriteSession) -> tuple[int]:
    found = (await session.execute(text(_PID))).one()
    return (found[0],)


@pytest.mark.parametrize("orm_first", [True, False])
async def test_who_raises_leaves_nothing(db: Database, orm_first: bool) -> None:
    async def fail() -> None:
        async with db.write() as session:
            if orm_first:
                await _add(session, "orm")
            await session.run(_ADD, name="driver")
            write_last(session, _LAST, {"name": "last"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _leaves(db) == []


@pytest.mark.parametrize("in_orm", [True, False])
async def test_what_fails_last_leaves_nothing_and_harms_no_connection(
    db: Database, in_orm: bool
) -> None:
    async def fail() -> None:
        async with db.write() as session:
            if in_orm:
                await _add(session, "twice")
            else:
                await session.run(_ADD, name="twice")
            write_last(session, _LAST, {"name": "twice"})

    async with db.write() as session:
        [before] = await session.run(_PID)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await fail()
    assert await _leaves(db) == []
    async with db.write() as session:
        assert await session.run(_PID) == [before]


async def test_rolled_back_is_rolled_back(db: Database) -> None:
    async with db.write() as session:
        await session.run(_ADD, name="driver")
        write_last(session, _LAST, {"name": "last"})
        await session.rollback()
        await session.run(_ADD, name="after")
    assert await _leaves(db) == ["after"]


async def test_with_a_savepoint_goes_what_was_done_in_it(db: Database) -> None:
    async def fail(session: WriteSession) -> None:
        async with session.begin_nested():
            await session.run(_ADD, name="within")
            write_last(session, _LAST, {"name": "within, last"})
            raise ZeroDivisionError

    async with db.write() as session:
        await session.run(_ADD, name="before")
        with pytest.raises(ZeroDivisionError):
            await fail(session)
        write_last(session, _LAST, {"name": "last"})
    assert await _leaves(db) == ["before", "last"]


async def test_nothing_is_borrowed_before_it_is_used(db: Database) -> None:
    async with db.write() as session:
        assert db.writers.in_use == 0
        await session.run(_PID)
        assert db.writers.in_use == 1


@pytest.mark.parametrize("in_orm", [True, False])
async def test_a_cancellation_is_heard_of_although_the_connection_is_lost(
    db: Database, leaf_url: str, in_orm: bool
) -> None:
    lost = asyncio.Event()

    async def write() -> None:
        async with db.write() as session:
            [pid] = [await _pid_in_orm(session)] if in_orm else await session.run(_PID)
            with psycopg.connect(leaf_url, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
            with pytest.raises(psycopg.OperationalError):
                await session.run(_PID)
            lost.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await lost.wait()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


async def test_a_restart_of_the_server_is_met_once(db: Database, leaf_url: str) -> None:
    async with db.write() as one, db.write() as other:
        pids = [*await one.run(_PID), *await other.run(_PID)]
    with psycopg.connect(leaf_url, autocommit=True) as admin:
        for pid in pids:
            admin.execute("SELECT pg_terminate_backend(%s)", pid)
    with pytest.raises(psycopg.OperationalError):
        async with db.write() as session:
            await session.run(_ADD, name="lost")
    async with db.write() as one, db.write() as other:
        assert {*await one.run(_PID), *await other.run(_PID)}.isdisjoint(pids)


async def test_who_gives_up_leaves_a_connection_that_is_whole(db: Database) -> None:
    async def sleep() -> None:
        async with db.write() as session:
            await session.run(_ADD, name="cut off")
            await session.run("SELECT pg_sleep(30)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sleep(), 0.2)
    assert await _leaves(db) == []
    async with db.write() as session:
        await session.run(_ADD, name="next")
    assert await _leaves(db) == ["next"]


async def test_who_waits_too_long_is_turned_away(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "_PATIENCE", 0.01)
    async with db.write() as one, db.write() as other:
        await one.run(_PID)
        await other.run(_PID)
        with pytest.raises(psycopg.OperationalError, match="in use"):
            async with db.write() as third:
                await third.run(_PID)


async def test_a_deadlock_is_not_called_an_absence(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def lock(session: WriteSession, key: int) -> None:
        await session.run("SELECT pg_advisory_xact_lock(:key)", key=key)

    async with db.write() as one, db.write() as other, asyncio.timeout(20):
        await lock(one, 1)
        await lock(other, 2)
        crossed = lock(one, 2), lock(other, 1)
        [error] = filter(None, await asyncio.gather(*crossed, return_exceptions=True))
    meant = as_api_error(error)
    assert isinstance(meant, ServiceUnavailable)
    assert meant.headers["Retry-After"]
    assert "the database answered DeadlockDetected" in caplog.text
