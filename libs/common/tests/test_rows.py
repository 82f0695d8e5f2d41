"""Reads without a session: what they see, may do, and survive."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from libs.common.db import connection_options
from libs.common.rows import Rows

SLEEP = "SELECT pg_sleep(30)"


@pytest.fixture
async def rows(leaf_url: str) -> AsyncIterator[Rows]:
    """Two connections under the role of a service."""
    rows = Rows(leaf_url, 2, connection_options("leaf", default_transaction_read_only="on"))
    yield rows
    await rows.pool.close()


async def _kill(leaf_url: str, running: str) -> None:
    """End the connections that run such a statement, or ran it last, once there are any."""
    async with await psycopg.AsyncConnection.connect(leaf_url, autocommit=True) as connection:
        async with asyncio.timeout(10):
            while True:
                found = await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'waymark-leaf' AND query = %s",
                    [running],
                )
                if await found.fetchall():
                    return


async def test_names_stand_for_values(rows: Rows) -> None:
    sql = "SELECT CAST(:one AS text), '50%', 1::int WHERE :one <> ALL(CAST(:others AS text[]))"
    assert await rows.read(sql, one="a:b", others=["c"]) == [("a:b", "50%", 1)]
    assert await rows.read(sql, one="a:b", others=["a:b"]) == []


async def test_a_service_reads_under_its_role_and_writes_nothing(rows: Rows) -> None:
    assert await rows.read("SELECT current_role::text") == [("waymark_leaf",)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await rows.read("CREATE TEMP TABLE leaves (name text)")


async def test_what_is_wrong_with_a_statement_harms_no_connection(rows: Rows) -> None:
    [before] = await rows.read("SELECT pg_backend_pid()")
    with pytest.raises(psycopg.errors.DivisionByZero):
        await rows.read("SELECT 1 / :nothing", nothing=0)
    assert await rows.read("SELECT pg_backend_pid()") == [before]


async def test_connections_that_the_server_ended_are_replaced(rows: Rows, leaf_url: str) -> None:
    await asyncio.gather(rows.read("SELECT 1"), rows.read("SELECT 1"))
    await _kill(leaf_url, "SELECT 1")
    async with asyncio.timeout(10):
        while any(connection.is_idle() for connection in rows.pool._idle):
            await asyncio.sleep(0.01)
    assert await rows.read("SELECT 2") == [(2,)]


async def test_one_statement_may_be_given_values_of_any_type(rows: Rows) -> None:
    known = ((7, True), (2**40, False), (2**70, False), (None, None), (7.5, False), ("8", True))
    for value, found in (*known, *known):
        assert await rows.read("SELECT :value IN (7, 8)", value=value) == [(found,)]


async def test_more_statements_than_are_kept_prepared(rows: Rows) -> None:
    for _ in range(2):
        for number in range(120):
            assert await rows.read(f"SELECT {number}") == [(number,)]
        [(prepared,)] = await rows.read("SELECT count(*) FROM pg_prepared_statements")
        assert 0 < prepared <= 100


async def test_what_is_longer_than_a_socket_holds_comes_and_goes(rows: Rows) -> None:
    long = "x" * 30_000_000
    assert await rows.read("SELECT CAST(:long AS text)", long=long) == [(long,)]


async def test_one_that_is_cut_off_leaves_no_connection_at_work(rows: Rows, leaf_url: str) -> None:
    waiting = asyncio.create_task(rows.read(SLEEP))
    await _kill(leaf_url, SLEEP)
    with pytest.raises(psycopg.OperationalError):
        await waiting
    cancelled = asyncio.create_task(rows.read(SLEEP))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    four, five = await asyncio.gather(rows.read("SELECT 4"), rows.read("SELECT 5"))
    assert (four, five) == ([(4,)], [(5,)])


async def test_who_waits_too_long_for_his_turn_is_told(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.lending._PATIENCE", 0.05)
    at_work = [asyncio.create_task(rows.read("SELECT pg_sleep(2)")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(psycopg.OperationalError, match="in use"):
        await rows.read("SELECT 1")
    await asyncio.gather(*at_work)
    assert await rows.read("SELECT 1") == [(1,)]


async def test_a_database_that_is_away_is_an_error_of_its_own() -> None:
    away = Rows("postgresql://nobody@127.0.0.1:1/nothing", 1, {"connect_timeout": 2})
    with pytest.raises(psycopg.OperationalError):
        await away.read("SELECT 1")
