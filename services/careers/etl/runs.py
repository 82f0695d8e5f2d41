"""One run of the ETL, from the ledger's first entry to its last: crawl or read, stage, load."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from libs.common import clock
from libs.common.alone import UnderWay, alone
from libs.common.db import Database
from libs.common.sessions import WriteSession
from services.careers.etl import ledger
from services.careers.etl.bls import read_bls
from services.careers.etl.client import CrawlStopped
from services.careers.etl.fetch import Upstream, crawl, listed, reach
from services.careers.etl.loader import TABLES, load
from services.careers.etl.progress import Steps
from services.careers.etl.release import read_release
from services.careers.etl.report import Report
from services.careers.etl.shape import Mode, Source
from services.careers.etl.staging import Raw, Transaction, stage
from services.careers.etl.tables import ReleaseUnreadable
from services.careers.models import EtlRun
from services.careers.settings import settings

PATIENCE = 3.0
"""Seconds within which PostgreSQL surely knows that a run was killed."""

Say = Callable[[str], None]


class RunRefused(Exception):
    """The run cannot begin or go on; the text says why, and what to do."""


@dataclass(frozen=True)
class Order:
    """What a run is to do."""

    mode: Mode | None = None
    """None: `ONET_MODE`."""
    path: Path | None = None
    """FILES: the release. Else a folder of BLS's files, for wages and openings."""
    codes: Sequence[str] | None = None
    """The occupations; None: all."""


@dataclass(frozen=True)
class _Sources:
    """What a run reads, opened: nothing that was mistyped is found later than here."""

    codes: list[str]
    """The occupations that are to be loaded."""
    upstream: Upstream | None
    """What is to be crawled, if anything."""
    read: dict[Source, list[Raw]]
    """What is read already, of these and maybe of others."""


async def run(
    db: Database,
    order: Order,
    steps: Steps,
    say: Say = lambda _: None,
    *,
    resume: bool = False,
    dry: bool = False,
) -> Report:
    """Do a run, and enter it into the ledger; a dry one leaves no trace at all.

    Args:
        db: the service's database.
        order: what to do; where a run is resumed, which: what is not said is the ledger's.
        steps: shows how far it is.
        say: told which run is resumed.
        resume: go on with the latest run of this order, if that did not finish.
        dry: roll everything back.

    Raises:
        RunRefused: another run is under way, a run of another order was cut off, the sources
            cannot be opened (the ledger knows nothing of it), or they fail later.
    """
    async with _alone(db), _rolled_back(db) if dry else _committing(db) as begin:
        entry = await _cut_off(begin, order, say) if resume else None
        entry, report = entry or _ordered(order), Report.of(TABLES)
        try:
            async with _opened(entry, report) as sources:
                async with begin() as session:
                    await ledger.enter(session, entry)
                await _do(begin, entry, sources, report, steps)
        except (ReleaseUnreadable, CrawlStopped) as error:
            raise RunRefused(str(error)) from error
        return report


def _ordered(order: Order) -> EtlRun:
    """Return a run that is not entered yet."""
    return EtlRun(
        mode=order.mode or settings().onet_mode,
        path=None if order.path is None else str(order.path.resolve()),
        codes=None if order.codes is None else sorted({*order.codes}),
        state="running",
        started_at=clock.now(),
    )


async def _cut_off(begin: Transaction, order: Order, say: Say) -> EtlRun | None:
    """Return the run to go on with, None where none was cut off."""
    wanted = _ordered(order)
    mode = None if order.mode is None else wanted.mode
    async with begin() as session:
        latest = await ledger.latest(session)
        found = await ledger.latest(session, mode, wanted.path, wanted.codes)
    if found is not None and found.state != "done":
        say(f"resumes the run of {found.started_at:%Y-%m-%d %H:%M} UTC: {_typed(found)}")
        return found
    if latest is not None and latest.state != "done":
        raise RunRefused(
            f"the run that was cut off is {_typed(latest)}: say --resume alone to go on with it, "
            "or leave --resume out to begin another"
        )
    say(f"there is no run to resume: begins {_typed(wanted)}")
    return None


def _typed(run: EtlRun) -> str:
    """Return a run's order as one types it."""
    path = [] if run.path is None else ["--path", run.path]
    codes = [] if run.codes is None else ["--codes", ",".join(run.codes)]
    return shlex.join(["--mode", run.mode, *path, *codes])


@asynccontextmanager
async def _opened(run: EtlRun, report: Report) -> AsyncIterator[_Sources]:
    """Open what a run reads.

    Raises:
        RunRefused, ReleaseUnreadable, CrawlStopped: it cannot be had.
    """
    path, upstream = None if run.path is None else Path(run.path), None
    read: dict[Source, list[Raw]] = {}
    async with AsyncExitStack() as stack:
        if run.mode != Mode.FILES:
            upstream = await stack.enter_async_context(reach(settings()))
            found = await listed(upstream)
        elif path is None:
            raise RunRefused("the mode FILES needs --path: the release's zip, or its folder")
        else:
            found, read[Source.FILES] = read_release(path, report.fail)
        for code in sorted(set(run.codes or ()).difference(found)):
            report.fail("careers", f"{code} is not among the source's occupations")
        codes = [code for code in found if run.codes is None or code in run.codes]
        if path is not None:
            read[Source.BLS] = read_bls(path, codes, report.fail)
        yield _Sources(codes, upstream, read)


async def _do(
    begin: Transaction, run: EtlRun, sources: _Sources, report: Report, steps: Steps
) -> None:
    """Stage and load all, and enter how it ended."""
    failed: dict[str, str] = {}
    try:
        if sources.upstream is not None:
            failed = await _crawl(begin, run, sources.upstream, sources.codes, steps)
    except CrawlStopped as error:
        async with begin() as session:
            await ledger.finish(session, run, report.as_json(), str(error))
        raise
    for code, why in failed.items():
        report.fail("careers", f"{code} could not be fetched: {why}")
    codes = [code for code in sources.codes if code not in failed]
    wanted = set(codes)
    for source, raws in sources.read.items():
        async with begin() as session:
            await stage(session, source, codes, (raw for raw in raws if raw.onet_code in wanted))
    await load(begin, Mode(run.mode), codes, report, steps)
    async with begin() as session:
        # A run that could not fetch all is not done: resumed, it asks for the rest only.
        missing = f"{len(failed)} occupations could not be fetched" if failed else None
        await ledger.finish(session, run, report.as_json(), missing)


async def _crawl(
    begin: Transaction, run: EtlRun, upstream: Upstream, codes: Sequence[str], steps: Steps
) -> dict[str, str]:
    """Fetch and stage what is not yet; return what could not be fetched, and why."""
    async with begin() as session:
        fetched = await ledger.crawled(session, run.id)
    left = [code for code in codes if code not in fetched]
    with steps("fetched", len(left)) as advance:
        done = await crawl(upstream, Mode(run.mode), left, begin, run.id, lambda _: advance())
    return done.failed


@asynccontextmanager
async def _alone(db: Database) -> AsyncIterator[None]:
    try:
        async with alone(db, "etl", patience=PATIENCE):
            yield
    except UnderWay as error:
        raise RunRefused(str(error)) from error


@asynccontextmanager
async def _committing(db: Database) -> AsyncIterator[Transaction]:
    yield db.write


@asynccontextmanager
async def _rolled_back(db: Database) -> AsyncIterator[Transaction]:
    """Open one transaction that is never committed; the run's own are savepoints in it."""
    turn = asyncio.Lock()
    async with db.write() as session:

        @asynccontextmanager
        async def begin() -> AsyncIterator[WriteSession]:
            async with turn, session.begin_nested():
                yield session

        yield begin
        await session.rollback()
