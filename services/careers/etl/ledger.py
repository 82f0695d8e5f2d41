"""The ledger of runs: begun, done, failed, or cut off and to be resumed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from libs.common import clock
from libs.common.sessions import WriteSession
from services.careers.models import EtlCrawled, EtlRun


async def latest(
    session: WriteSession,
    mode: str | None = None,
    path: str | None = None,
    codes: Sequence[str] | None = None,
) -> EtlRun | None:
    """Return the latest run; with any of its order, the latest of those that were ordered so."""
    found = select(EtlRun).order_by(col(EtlRun.started_at).desc(), col(EtlRun.id).desc())
    for column, said in ((EtlRun.mode, mode), (EtlRun.path, path), (EtlRun.codes, codes)):
        if said is not None:
            found = found.where(col(column) == said)
    return (await session.exec(found.limit(1))).first()


async def enter(session: WriteSession, run: EtlRun) -> None:
    """Enter a new run, or that one goes on; what is still said to be running was killed."""
    cut_off = update(EtlRun).where(col(EtlRun.state) == "running")
    await session.execute(cut_off.values(state="interrupted", finished_at=clock.now()))
    run.state, run.error, run.finished_at = "running", None, None
    await session.merge(run)
    await session.flush()


async def finish(
    session: WriteSession, run: EtlRun, report: dict[str, Any] | None, error: str | None = None
) -> None:
    """Enter how a run ended: with its report, or with what stopped it.

    What runs of its order had fetched when they were cut off is forgotten only once it is done.
    """
    ended = {"report": report, "error": error, "finished_at": clock.now()}
    state = "done" if error is None else "failed"
    await session.execute(
        update(EtlRun).where(col(EtlRun.id) == run.id).values(state=state, **ended)
    )
    if error is None:
        same = select(EtlRun.id).where(
            col(EtlRun.mode) == run.mode,
            col(EtlRun.path).is_not_distinct_from(run.path),
            col(EtlRun.codes).is_not_distinct_from(run.codes),
        )
        await session.execute(delete(EtlCrawled).where(col(EtlCrawled.run_id).in_(same)))


async def crawled(session: WriteSession, run_id: UUID) -> set[str]:
    """Return the occupations that a run has fetched already."""
    return set(await session.exec(select(EtlCrawled.onet_code).where(EtlCrawled.run_id == run_id)))


async def mark_crawled(session: WriteSession, run_id: UUID, onet_code: str) -> None:
    """Enter that an occupation is fetched whole, in the transaction that stages it."""
    session.add(EtlCrawled(run_id=run_id, onet_code=onet_code, fetched_at=clock.now()))
    await session.flush()
