"""Pages kept in memory: read once, never older than what was loaded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import psycopg
import pytest

from libs.common.testing import Bench
from libs.common.testing_plans import asked_from_now_on
from services.careers import kept_pages as kept
from services.careers.kept_pages import KeptPages, kept_pages
from services.careers.tests.dossiers import ALL_OTHER, DEVELOPERS, SCIENTISTS, store

PATH = f"/api/v1/bff/catalog/career/{DEVELOPERS.onet_code}"


@pytest.fixture
async def pages(bench: Bench) -> AsyncIterator[KeptPages]:
    """Of a service that runs, and hears what the loader tells."""
    await store(bench, DEVELOPERS, ALL_OTHER)
    async with bench.app.router.lifespan_context(bench.app), asyncio.timeout(20):
        while not kept_pages(bench.db).hears:
            await asyncio.sleep(0.01)
        yield kept_pages(bench.db)


async def test_a_page_is_read_once(bench: Bench, pages: KeptPages) -> None:
    asked = asked_from_now_on(bench.db, "career_pages")
    answers = [await bench.client.get(PATH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.content for answer in answers}) == 1
    assert len(asked) == 1


async def test_what_is_loaded_anew_is_read_anew(bench: Bench, pages: KeptPages) -> None:
    await bench.client.get(PATH)
    await store(bench, replace(SCIENTISTS, onet_code=DEVELOPERS.onet_code))
    while (await bench.client.get(PATH)).json()["data"]["header"]["title_en"] != "Data Scientists":
        await asyncio.sleep(0.01)


async def test_what_is_read_as_it_changes_is_not_kept(bench: Bench, pages: KeptPages) -> None:
    reading = asyncio.create_task(pages.read(bench.db.rows, DEVELOPERS.onet_code))
    await asyncio.sleep(0)
    pages.forget()
    assert await reading is not None
    assert pages.pages == {}


async def test_nothing_is_kept_that_may_have_changed_unheard(
    bench: Bench, pages: KeptPages, postgres_url: str
) -> None:
    await bench.client.get(PATH)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
    while pages.pages:
        await asyncio.sleep(0.01)


async def test_no_more_are_kept_than_fit(
    bench: Bench, pages: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 1)
    for occupation in (DEVELOPERS, ALL_OTHER):
        assert await pages.read(bench.db.rows, occupation.onet_code) is not None
    assert [*pages.pages] == [ALL_OTHER.onet_code]


async def test_before_changes_are_heard_of_none_is_kept(bench: Bench) -> None:
    await store(bench, DEVELOPERS)
    assert (await bench.client.get(PATH)).status_code == 200
    assert kept_pages(bench.db).pages == {}
