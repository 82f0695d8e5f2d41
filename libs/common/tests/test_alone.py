"""Only one is at a piece of work, and the next one may begin as soon as it ends."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.alone import UnderWay, alone
from libs.common.db import Database, open_database


@pytest.fixture
async def db(leaf_url: str) -> AsyncIterator[Database]:
    db = open_database(leaf_url, "leaf")
    yield db
    await db.close()


async def test_a_second_one_is_refused_and_a_patient_one_waits(db: Database) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with alone(db, "sweeping"):
            begun.set()
            await asyncio.sleep(0.2)
            ended.set()

    holding = asyncio.create_task(hold())
    await begun.wait()
    with pytest.raises(UnderWay, match="another sweeping of leaf"):
        async with alone(db, "sweeping"):
            pytest.fail("two are at it")
    async with alone(db, "mopping"):
        assert not ended.is_set()
    async with alone(db, "sweeping", patience=10):
        assert ended.is_set()
    await holding


async def test_who_ends_badly_lets_go_at_once(db: Database) -> None:
    for _ in range(20):
        with pytest.raises(ZeroDivisionError):
            async with alone(db, "sweeping"):
                raise ZeroDivisionError
