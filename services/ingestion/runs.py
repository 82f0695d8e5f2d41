"""One run: postings flow from a source into the tables, page by page, each in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from copy import deepcopy

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from libs.common.alone import alone
from libs.common.db import Database
from services.ingestion.commands.ledger import begin_run, enter_page, finish_run, stop_run
from services.ingestion.commands.store import Found, save_postings
from services.ingestion.dedupe import UnusableUrl, canonical_url
from services.ingestion.models import Run
from services.ingestion.sources.shape import (
    BadItem,
    JobSource,
    RawItem,
    RawPage,
    SourcePosting,
    SourceRefused,
    SourceStopped,
    Unreadable,
    Unwanted,
)
from services.ingestion.tally import Tally

TRIES = 5
"""Of storing a page, where two hold what the other wants."""

Watch = Callable[[float, Tally], None]
"""Told after each page how much of a run is done (0 to 1), and what came of it so far."""


async def collect(db: Database, source: JobSource, tally: Tally, watch: Watch) -> None:
    """Run over a source: go on with its last run where that was cut short.

    `tally` counts the whole run, what came before it was cut short included. Killed at any moment,
    no more than the page under way is to be done again.

    Raises:
        UnderWay: another run is, here or on another machine; nothing was done.
        SourceStopped: what came before is stored; the next run goes on from there.
        SourceRefused: what came before is stored; the next run begins anew.
        RunLost: the lock was lost with its connection, and another process goes on.
    """
    async with alone(db, "run"):
        async with db.write() as session:
            run = await begin_run(session, source)
        tally.count_on(run)
        try:
            async with aclosing(source.pages(run.plan, run.cursor)) as pages:
                async for page in pages:
                    await _store(db, source, run, page, tally)
                    watch(page.progress, tally)
        except (SourceStopped, SourceRefused) as error:
            async with db.write() as session:
                for_good = isinstance(error, SourceRefused)
                await stop_run(session, run, str(error), for_good=for_good)
            raise
        async with db.write() as session:
            await finish_run(session, run, tally)


async def _store(db: Database, source: JobSource, run: Run, page: RawPage, tally: Tally) -> None:
    """Store a page, and count it; again where it had to give way to a worker on the same rows."""
    for tries_left in reversed(range(TRIES)):
        counted = deepcopy(tally)
        try:
            await _try_to_store(db, source, run, page, counted)
        except OperationalError as error:
            if not tries_left or not isinstance(error.orig, DeadlockDetected):
                raise
        else:
            vars(tally).update(vars(counted))
            return


async def _try_to_store(
    db: Database, source: JobSource, run: Run, page: RawPage, tally: Tally
) -> None:
    tally.pages += bool(page.items)
    tally.jobs += len(page.items)
    tally.credits += page.credits
    found = await asyncio.to_thread(usable, source, page, tally)  # HTML, say, takes its time
    async with db.write() as session:
        if found:
            await save_postings(session, found, tally)
        await enter_page(session, run, page.cursor, tally)


def usable(source: JobSource, page: RawPage, tally: Tally) -> Sequence[Found]:
    """Return the postings of a page, of the same one the last; count what is none."""
    by_url: dict[str, Found] = {}
    by_id: dict[tuple[str | None, str], str] = {}
    for item in page.items:
        read = _read(source, item, tally)
        if read is None:
            continue
        facts = {name: told for name, told in page.context.items() if getattr(read, name) is None}
        posting = read.model_copy(update={"source": read.source or source.name, **facts})
        url = str(posting.url)
        id_ = posting.external_id and (posting.source, posting.external_id)
        for earlier in {url, by_id.get(id_, url)} if id_ else {url}:
            tally.skipped.update(["repeated"] if by_url.pop(earlier, None) else [])
        by_url[url] = Found(posting, item.body if isinstance(item, RawItem) else {})
        if id_:
            by_id[id_] = url
    return [*by_url.values()]


def _read(source: JobSource, item: RawItem | BadItem, tally: Tally) -> SourcePosting | None:
    """Return a posting with its canonical URL and a title; count why there is none."""
    if isinstance(item, BadItem):
        tally.fail(item)
        return None
    try:
        posting = source.read(item.body)
        url = canonical_url(posting.url or "")
    except Unreadable as error:
        tally.fail(BadItem(item.where, str(error)))
    except Unwanted as error:
        tally.skipped[str(error)] += 1
    except UnusableUrl as error:
        tally.skipped[f"the URL {error}" if posting.url else "no URL"] += 1
    else:
        if posting.title:
            return posting.model_copy(update={"url": url})
        tally.skipped["no title"] += 1
    return None
