"""A load that is killed at any moment and resumed ends as one that nobody touched."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import text

from libs.common.db import Database
from services.careers.etl.loader import TABLES
from services.careers.etl.runs import Order, run
from services.careers.etl.shape import Mode
from services.careers.tests import releases
from services.careers.tests.releases import unseen, write_folder
from services.careers.tests.stored import own_database, rows, state

WITHIN = 180.0  # seconds


class Etl:
    """`waymark task careers etl` in a process of its own."""

    def __init__(self, url: str, db: Database, release: Path, folder: Path) -> None:
        self.command = [sys.executable, "-m", "deploy", "task", "careers", "etl", "--resume"]
        self.command += ["--mode", "FILES", "--path", str(release)]
        self.environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": str(folder)}
        self.db = db

    async def run(self, kill_after: float | None = None) -> int:
        """Run it to its end, or kill it so many seconds after it began; return how it ended."""
        process = await asyncio.create_subprocess_exec(
            *self.command, env=self.environment, stdout=DEVNULL, stderr=PIPE
        )
        ended = asyncio.create_task(process.communicate())
        async with asyncio.timeout(WITHIN):
            if kill_after is not None:
                while not ended.done() and not await rows(self.db, "SELECT FROM etl_runs"):
                    await asyncio.wait([ended], timeout=0.01)
                await asyncio.wait([ended], timeout=kill_after)
                if not ended.done():
                    process.kill()
            _, said = await ended
        assert process.returncode in {0, -SIGKILL}, said.decode()
        return process.returncode


async def prove(postgres_url: str, release: Path, folder: Path, kills: int) -> None:
    """Kill a load at random moments, each time of a new one, and resume it."""
    async with own_database(postgres_url, "careers_unkilled") as (_, db):
        await run(db, Order(Mode.FILES, release), unseen)
        expected = await state(db)
        [took] = await rows(
            db, "SELECT extract(epoch FROM finished_at - started_at) AS s FROM etl_runs"
        )
    async with own_database(postgres_url, "careers_killed") as (url, db):
        etl, longest, done = Etl(url, db, release, folder), float(took["s"]), 0
        while done < kills:
            await empty(db)
            moment = random.uniform(0, longest)  # noqa: S311
            if await etl.run(kill_after=moment) == 0:
                longest = moment  # it is quicker in a process of its own
                continue
            done += 1
            [cut_off] = await rows(db, "SELECT count(*) AS careers FROM careers")
            where = f"killed after {moment:.2f} s with {cut_off['careers']} careers"
            assert await etl.run() == 0, where
            assert await state(db) == expected, where
            states = {entry["state"] for entry in await rows(db, "SELECT state FROM etl_runs")}
            assert states == {"done"}, where


async def empty(db: Database) -> None:
    async with db.write() as session:
        await session.execute(text(f"TRUNCATE {', '.join(TABLES)}, etl_raw, etl_runs, etl_crawled"))


@pytest.mark.soak
async def test_a_killed_load_is_resumed_to_the_same_end(
    postgres_url: str, shared_data: Path, tmp_path: Path
) -> None:
    onet = shared_data / "onet"
    release = write_folder(tmp_path, releases.tables(onet, releases.some(onet, 12)))
    await prove(postgres_url, release, tmp_path, kills=2)


@pytest.mark.soak
async def test_the_whole_release_survives_ten_kills(
    postgres_url: str, shared_data: Path, tmp_path: Path
) -> None:
    await prove(postgres_url, shared_data / "onet", tmp_path, kills=10)
