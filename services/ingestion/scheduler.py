"""What lives beside the service: collecting by the clock, and a look at the upstream at start."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from libs.common.alone import UnderWay
from libs.common.db import Database
from libs.common.service import Runtime
from services.ingestion.commands.ledger import RunLost
from services.ingestion.runs import collect
from services.ingestion.settings import IngestionSettings, SourceName, settings
from services.ingestion.sources.opened import open_source, open_theirstack, usable_sources
from services.ingestion.sources.shape import SourceRefused, SourceStopped
from services.ingestion.tally import Tally

log = logging.getLogger(__name__)

LATE_BY = 3600
"""Seconds by which a run may begin late, where the machine slept, say."""


@asynccontextmanager
async def collecting(runtime: Runtime) -> AsyncIterator[None]:
    """Collect by `JOB_COLLECTION_SCHEDULE` as long as this lasts; a run that is cut goes on later.

    Every replica has the clock; the lock of runs lets one of them work.
    """
    wanted = settings()
    under_way: set[asyncio.Task[None]] = set()

    def begin() -> None:
        task = asyncio.ensure_future(collect_all(runtime.db, wanted))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    async def by_the_clock() -> None:
        begin()

    scheduler = AsyncIOScheduler()
    trigger = CronTrigger.from_crontab(wanted.job_collection_schedule)
    scheduler.add_job(by_the_clock, trigger, coalesce=True, misfire_grace_time=LATE_BY)
    scheduler.start()
    under_way.add(asyncio.create_task(probe(wanted)))
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def collect_all(db: Database, wanted: IngestionSettings) -> None:
    """Run over each usable source; what becomes of one does not touch the others."""
    for name in usable_sources(wanted):
        try:
            await _collect(db, name, wanted)
        except UnderWay:
            log.info("%s: a run is under way elsewhere", name)
        except Exception:
            log.exception("the run over %s broke; the next one goes on", name)


async def _collect(db: Database, name: SourceName, wanted: IngestionSettings) -> None:
    tally = Tally()
    try:
        async with open_source(name, wanted) as source:
            await collect(db, source, tally, lambda progress, so_far: None)
    except (SourceStopped, SourceRefused, RunLost) as error:
        log.error("%s stopped: %s; so far: %s", name, error, tally)  # noqa: TRY400 - no accident
    else:
        log.info("%s: %s", name, tally)


async def probe(wanted: IngestionSettings) -> None:
    """Say in the log whether TheirStack answers, by a call that costs nothing; never raises."""
    if "theirstack" not in usable_sources(wanted):
        return
    try:
        async with open_theirstack(wanted) as client:
            await client.open_account()
    except Exception as error:  # a start must not fail because somebody else is down
        log.warning("TheirStack cannot be used: %s", error)
        return
    if client.account.left is not None:
        log.info("TheirStack answers: %d credits left", client.account.left)
