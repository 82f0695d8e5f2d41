"""One run of the ETL, from the ledger's first entry to its last: crawl or read, stage, load."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from libs.common.alone import UnderWay, alone
from libs.common.db import Database
from libs.common.sessions import WriteSession
from services.careers.etl import ledger
from services.careers.etl.bls import read_bls
from services.careers.etl.client import CrawlStopped
from services.careers.etl.fetch import crawl, listed, reach
from services.careers.etl.loader import TABLES, load
from services.careers.etl.progress import Steps
from services.careers.etl.release import read_release
from services.careers.etl.report import Report
from services.careers.etl.shape import Mode, Source
from services.careers.etl.staging import Transaction, stage
from services.careers.etl.tables import ReleaseUnreadable
from services.careers.settings import settings

PATIENCE = 3.0
"""Seconds within which PostgreSQL surely knows that a run was killed."""


class RunRefused(Exception):
    """The run cannot begin or go on; the text says why, and what to do."""


@dataclass(frozen=True)
class Order:
    """What a run is to do."""

    mode: Mode
    path: Path | None = None
    """FILES: the release. Else a folder of BLS's files, for wages and openings."""
    codes: Sequence[str] | None = None
    """The occupations; None: all."""


async def run(
    db: Database, order: Order, steps: Steps, *, resume: bool = False, dry: bool = False
) -> Report:
    """Do a run, and enter it into the ledger; a dry one leaves no trace at all.

    Args:
        db: the service's database.
        order: what to do; the ledger's where a run is resumed.
        steps: shows how far it is.
        resume: go on with the latest run, if that did not finish.
        dry: roll everything back.

    Raises:
        RunRefused: another run is under way, the sources cannot be read, or they refuse us.
    """
    async with _alone(db), _rolled_back(db) if dry else _committing(db) as begin:
        order, run_id = await _enter(begin, order, resume)
        report = Report.of(TABLES)
        try:
            unfetched = await _do(begin, order, run_id, report, steps)
        except (ReleaseUnreadable, CrawlStopped, RunRefused) as error:
            async with begin() as session:
                await ledger.finish(session, run_id, report.as_json(), str(error))
            raise RunRefused(str(error)) from error
        async with begin() as session:
            # A run that could not fetch all is not done: resumed, it asks for the rest only.
            missing = f"{unfetched} occupations could not be fetched" if unfetched else None
            await ledger.finish(session, run_id, report.as_json(), missing)
        return report


async def _do(begin: Transaction, order: Order, run_id: UUID, report: Report, steps: Steps) -> int:
    """Do it, and return how many occupations could not be fetched."""
    if order.mode is Mode.FILES:
        codes, unfetched = await _read(begin, order, report), 0
    else:
        codes, unfetched = await _crawl(begin, order, run_id, report, steps)
    if order.path is not None:
        raws = read_bls(order.path, codes, report.fail)
        async with begin() as session:
            await stage(session, Source.BLS, codes, raws)
    await load(begin, order.mode, codes, report, steps)
    return unfetched


async def _read(begin: Transaction, order: Order, report: Report) -> list[str]:
    """Stage a release; return the occupations that are to be loaded of it."""
    if order.path is None:
        raise RunRefused("the mode FILES needs --path: the release's zip, or its folder")
    found, raws = read_release(order.path, report.fail)
    codes = [code for code in found if order.codes is None or code in order.codes]
    _count_unknown(order, found, report)
    wanted = set(codes)
    async with begin() as session:
        await stage(session, Source.FILES, codes, (raw for raw in raws if raw.onet_code in wanted))
    return codes


async def _crawl(
    begin: Transaction, order: Order, run_id: UUID, report: Report, steps: Steps
) -> tuple[list[str], int]:
    """Stage what O*NET Web Services say; return what is to be loaded, and how many are missing."""
    async with reach(settings()) as upstream:
        found = await listed(upstream)
        codes = [code for code in found if order.codes is None or code in order.codes]
        _count_unknown(order, found, report)
        async with begin() as session:
            fetched = await ledger.crawled(session, run_id)
        left = [code for code in codes if code not in fetched]
        with steps("fetched", len(left)) as advance:
            done = await crawl(upstream, order.mode, left, begin, run_id, lambda _: advance())
    for code, why in done.failed.items():
        report.fail("careers", f"{code} could not be fetched: {why}")
    return [code for code in codes if code not in done.failed], len(done.failed)


def _count_unknown(order: Order, known: Sequence[str], report: Report) -> None:
    for code in sorted(set(order.codes or ()).difference(known)):
        report.fail("careers", f"{code} is not among the source's occupations")


async def _enter(begin: Transaction, order: Order, resume: bool) -> tuple[Order, UUID]:
    async with begin() as session:
        cut_off = await ledger.unfinished(session) if resume else None
        if cut_off is None:
            path = None if order.path is None else str(order.path.resolve())
            run = await ledger.begin(session, order.mode, path, order.codes)
            return order, run.id
        await ledger.resume(session, cut_off)
        path_then = None if cut_off.path is None else Path(cut_off.path)
        return Order(Mode(cut_off.mode), path_then, cut_off.codes), cut_off.id


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
