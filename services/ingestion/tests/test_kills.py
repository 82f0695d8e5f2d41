"""Runs that are killed (-9) as the command line started them, and what is made of it next."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.service import Service
from libs.common.testing import Bench
from services.ingestion.runs import collect
from services.ingestion.service import service
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally
from services.ingestion.tests.collecting import collected
from services.ingestion.tests.conftest import a_line
from services.ingestion.tests.fake_theirstack.api import KEY, FakeTheirStack, theirstack
from services.ingestion.tests.fake_theirstack.jobs import TODAY, a_job

WITHIN = 120.0  # seconds
_STORED = """
    SELECT posting.url, posting.title, posting.description, posting.external_id, posting.source,
        posting.fingerprint, posting.content_hash, head.url AS head, raw.hash
    FROM postings AS posting LEFT JOIN postings AS head ON head.id = posting.duplicate_of
    JOIN raw_postings AS raw ON raw.posting_id = posting.id ORDER BY posting.url
"""
_COUNTED = "SELECT jobs, new, updated, unchanged, skipped, failed, state FROM runs"

_LOCKS = """
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory'
"""

Command = Callable[..., Any]


@pytest.fixture
def command(migrated: Callable[[Service], str], tmp_path: Path) -> Command:
    """Return a way to run `waymark ingestion …` in a process of its own."""

    @asynccontextmanager
    async def started(
        *arguments: str, **settings: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "deploy", "ingestion", *arguments],
            env=os.environ
            | {"DATABASE_URL": migrated(service), "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR"}
            | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    return started


async def state(bench: Bench) -> tuple[list[Any], list[Any]]:
    return list(await bench.rows(_STORED)), list(await bench.rows(_COUNTED))


async def emptied(bench: Bench) -> None:
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("TRUNCATE postings, raw_postings, runs, outbox")


def a_market() -> FakeTheirStack:
    """Make 640 jobs, of which every eighth is a near-copy of the one before."""
    since = TODAY - timedelta(days=2)
    jobs = [a_job(n, discovered=since + timedelta(minutes=n)) for n in range(640)]
    for copy, original in zip(jobs[8::8], jobs[7::8], strict=False):
        copy |= {name: original[name] for name in ("job_title", "description")}
    return FakeTheirStack(jobs)


async def kill_runs(command: Command, fake: FakeTheirStack, at: Sequence[int]) -> None:
    """Run over the fake; kill as it is about to answer, and bill, those of its searches."""
    async with theirstack(fake) as url:
        settings = {
            "JOB_SOURCES": "theirstack",
            "THEIR_STACK_API_KEY": KEY,
            "THEIR_STACK_BASE_URL": url,
            "THEIR_STACK_RATE_LIMIT": "6000",
            "JOB_COLLECTION_ROLES": "Software Engineer",
            "JOB_COLLECTION_LOCATIONS": "United States",
            "MAX_JOBS_PER_SEARCH": "1000",
        }
        for number in at:
            async with command("run", **settings) as process, asyncio.timeout(WITHIN):

                def search(number: int = number, kill: Any = process.kill) -> None:
                    if len(fake.searches) == number:
                        kill()

                fake.on_search = search
                await process.wait()
                assert len(fake.searches) == number, (await process.communicate())[1]
        fake.on_search = lambda: None


async def kill_imports(bench: Bench, command: Command, file: Path, at: Sequence[int]) -> None:
    """Import a file; kill as soon as that many postings are stored, each time more."""
    for postings in at:
        async with command("import", str(file)) as process, asyncio.timeout(WITHIN):
            while (await bench.rows("SELECT count(*) AS n FROM postings"))[0]["n"] < postings:
                assert process.returncode is None, (await process.communicate())[1]
                await asyncio.sleep(0.005)


async def check_runs(bench: Bench, command: Command, at: Sequence[int]) -> None:
    whole = a_market()
    await collected(bench, whole)
    undisturbed = await state(bench)
    assert sum(row["head"] is not None for row in undisturbed[0]) == 79
    await emptied(bench)
    fake = FakeTheirStack(whole.jobs)
    await kill_runs(command, fake, at)
    await lock_is_free(bench)
    tally = await collected(bench, fake)
    assert await state(bench) == undisturbed
    [run] = await bench.rows("SELECT credits, attempt FROM runs")
    assert run["attempt"] == len(at) + 1
    assert tally.credits == run["credits"] == fake.account.used == 640 + 100 * len(at)


async def check_imports(bench: Bench, command: Command, file: Path, at: Sequence[int]) -> None:
    undisturbed_tally = await imported(bench, file)
    undisturbed = await state(bench)
    await emptied(bench)
    await kill_imports(bench, command, file, at)
    await lock_is_free(bench)
    [killed] = await bench.rows("SELECT state, jobs FROM runs")
    assert killed["state"] == "running"
    tally = await imported(bench, file)
    assert tally.counts() == undisturbed_tally.counts()
    assert await state(bench) == undisturbed


async def imported(bench: Bench, file: Path) -> Tally:
    tally = Tally()
    await collect(bench.db, JobFile(file), tally, lambda progress, so_far: None)
    return tally


async def lock_is_free(bench: Bench) -> None:
    """Wait until PostgreSQL has noticed that a process died."""
    async with asyncio.timeout(WITHIN):
        while await bench.rows(_LOCKS):
            await asyncio.sleep(0.01)


def a_file(folder: Path, lines: int) -> Path:
    file = folder / "postings.jsonl"
    copies = (a_line(n, title=f"Title {n // 3}", description="z" * 3000) for n in range(lines))
    file.write_text("\n".join(json.dumps(line) for line in copies))
    return file


async def test_a_run_that_was_killed_ends_as_if_it_had_not_been(
    bench: Bench, command: Command
) -> None:
    await check_runs(bench, command, [3])


async def test_an_import_that_was_killed_ends_as_if_it_had_not_been(
    bench: Bench, command: Command, tmp_path: Path
) -> None:
    await check_imports(bench, command, a_file(tmp_path, 3000), [500])


@pytest.mark.soak
async def test_ten_kills_of_a_run(bench: Bench, command: Command) -> None:
    await check_runs(bench, command, [1, 2, 4, 6, 8, 9, 11, 12, 13, 14])


@pytest.mark.soak
async def test_ten_kills_of_an_import(bench: Bench, command: Command, shared_data: Path) -> None:
    file = shared_data / "postings" / "postings.jsonl.gz"
    await check_imports(bench, command, file, range(500, 15_000, 1400)[:10])
