"""Counting who reads a job: no write for a read, nothing lost when stopped, bounded."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from libs.common.ids import new_id
from libs.common.testing import Bench
from services.jobs import views
from services.jobs.tests.samples import posted

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}


async def read(bench: Bench, job_id: str, **headers: str) -> int:
    """Read a job; return the count that it shows, which is without this time."""
    answer = await bench.client.get(f"/api/v1/jobs/{job_id}", headers=BROWSER | headers)
    count: int = answer.json()["data"]["jobInfo"]["viewCount"]
    return count


async def test_each_read_is_counted_and_none_written(bench: Bench) -> None:
    job_id = await posted(bench)
    assert [await read(bench, job_id) for _ in range(3)] == [0, 1, 2]
    assert await bench.rows("SELECT * FROM job_views") == []
    assert [await views.store_views(bench.db) for _ in range(2)] == [1, 0]
    assert [row["views"] for row in await bench.rows("SELECT views FROM job_views")] == [3]
    assert [await read(bench, job_id) for _ in range(2)] == [3, 4]
    await views.store_views(bench.db)
    assert await read(bench, job_id) == 5


async def test_what_is_counted_while_it_is_stored_is_not_lost(bench: Bench) -> None:
    job_id = await posted(bench)
    for _ in range(20):
        await asyncio.gather(read(bench, job_id), views.store_views(bench.db), read(bench, job_id))
    await views.store_views(bench.db)
    assert [row["views"] for row in await bench.rows("SELECT views FROM job_views")] == [40]
    assert views.unwritten(bench.db) == {}


async def test_what_could_not_be_stored_is_stored_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await posted(bench)
    await read(bench, job_id)
    with monkeypatch.context() as broken:
        broken.setattr(views, "_ADD", text("SELECT 1 / 0"))
        with pytest.raises(DataError):
            await views.store_views(bench.db)
    await views.store_views(bench.db)
    assert [row["views"] for row in await bench.rows("SELECT views FROM job_views")] == [1]


@pytest.mark.parametrize(
    "agent",
    ["Googlebot/2.1 (+http://www.google.com/bot.html)", "facebookexternalhit/1.1", "A Spider"],
)
async def test_programs_are_not_counted(bench: Bench, agent: str) -> None:
    job_id = await posted(bench)
    assert [await read(bench, job_id, **{"User-Agent": agent}) for _ in range(2)] == [0, 0]


async def test_who_asks_for_the_head_alone_is_not_counted(bench: Bench) -> None:
    job_id = await posted(bench)
    assert [await read(bench, job_id, **{"X-Asked-Head": "1"}) for _ in range(2)] == [0, 0]


async def test_a_job_that_is_not_there_is_not_counted(bench: Bench) -> None:
    await bench.client.get(f"/api/v1/jobs/{new_id()}", headers=BROWSER)
    assert views.unwritten(bench.db) == {}


async def test_memory_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    known, other = await posted(bench), await posted(bench)
    monkeypatch.setattr(views, "MOST", 1)
    for job_id in (known, other, known):
        await read(bench, job_id)
    assert (await read(bench, known), await read(bench, other)) == (2, 0)


async def test_a_service_that_stops_stores_what_it_counted(bench: Bench) -> None:
    job_id = await posted(bench)
    async with bench.app.router.lifespan_context(bench.app):
        await read(bench, job_id)
    assert [row["views"] for row in await bench.rows("SELECT views FROM job_views")] == [1]
