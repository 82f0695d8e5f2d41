"""Runs over the fake TheirStack, and what stands in the tables behind them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from libs.common.testing import Bench
from services.ingestion.runs import collect
from services.ingestion.sources.theirstack import Search, TheirStack
from services.ingestion.sources.theirstack_client import TheirStackClient
from services.ingestion.tally import Tally
from services.ingestion.tests.fake_theirstack.api import KEY, FakeTheirStack, theirstack

ENGINEERS = Search("Software Engineer", "United States", "US")
SCIENTISTS = Search("Data Scientist", "Remote", None)
READ_WITHIN = 2.0  # seconds: this machine is shared, and a late answer is billed


@asynccontextmanager
async def opened(
    fake: FakeTheirStack, *searches: Search, key: str = KEY, **options: Any
) -> AsyncIterator[TheirStack]:
    """Open the source over the fake, quick to give up and to try again."""
    wanted = {"per_search": 1000, "budget": 10_000, "max_age_days": 15} | options
    async with (
        theirstack(fake) as url,
        httpx.AsyncClient(
            base_url=url, timeout=READ_WITHIN, headers={"Authorization": f"Bearer {key}"}
        ) as http,
    ):
        client = TheirStackClient(http, a_minute=6000, tries=4, first_pause=0.01)
        yield TheirStack(client, searches or [ENGINEERS], **wanted)


async def collected(bench: Bench, fake: FakeTheirStack, *searches: Search, **options: Any) -> Tally:
    """Run over the fake; return what came of it."""
    tally = Tally()
    async with opened(fake, *searches, **options) as source:
        await collect(bench.db, source, tally, lambda progress, so_far: None)
    return tally


async def stored_ids(bench: Bench) -> list[int]:
    """Return the fake's ids of what is stored, in their order."""
    rows = await bench.rows("SELECT external_id FROM postings")
    return sorted(int(row["external_id"]) for row in rows)


async def last_run(bench: Bench) -> Mapping[str, Any]:
    """Return the last row of the ledger."""
    [run] = await bench.rows("SELECT * FROM runs ORDER BY id DESC LIMIT 1")
    return run
