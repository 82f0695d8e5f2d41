"""Work by the clock: repeated, and once more at the end where it holds what is not stored."""

import asyncio

import pytest

from libs.common.db import Database, open_database
from libs.common.tasks import Task, repeat


@pytest.mark.parametrize(("last", "runs"), [(False, 1), (True, 2)])
async def test_a_task_runs_once_more_as_its_service_stops(last: bool, runs: int) -> None:
    ran: list[str] = []
    begun = asyncio.Event()

    async def run(db: Database) -> int:
        ran.append(db.service)
        begun.set()
        return 0

    db = open_database("postgresql://nowhere/", "x")
    repeating = asyncio.create_task(repeat(Task("t", run, every=3600, last=last), db))
    await begun.wait()
    repeating.cancel()
    await asyncio.gather(repeating, return_exceptions=True)
    assert ran == ["x"] * runs
