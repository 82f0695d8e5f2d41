"""The ledger of runs: begun, done, failed, or cut off and to be resumed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from libs.common import clock
from libs.common.sessions import WriteSession
from services.careers.etl.shape import Mode
from services.careers.models import EtlCrawled, EtlRun


async def begin(
    session: WriteSession, mode: Mode, path: str | None, codes: Sequence[str] | None
) -> EtlRun:
    """Enter a new run; what is still said to be running was killed, and is given up."""
    cut_off = update(EtlRun).where(col(EtlRun.state) == "running")
    await session.execute(cut_off.values(state="interrupted", finished_at=clock.now()))
    await session.execute(delete(EtlCrawled))
    run = EtlRun(
        mode=mode,
        path=path,
        codes=None if codes is None else list(codes),
        state="running",
        started_at=clock.now(),
    )
    session.add(run)
    await session.flush()
    return run


async def unfinished(session: WriteSession) -> EtlRun | None:
    """Return the latest run where it was killed or failed: `--resume` goes on with it."""
    latest = select(EtlRun).order_by(col(EtlRun.started_at).desc(), col(EtlRun.id).desc())
    run = (await session.exec(latest.limit(1))).first()
    return None if run is None or run.state == "done" else run


async def resume(session: WriteSession, run: EtlRun) -> None:
    """Enter that a run goes on."""
    again = update(EtlRun).where(col(EtlRun.id) == run.id)
    await session.execute(again.values(state="running", error=None, finished_at=None))


async def finish(
    session: WriteSession, run_id: UUID, report: dict[str, Any] | None, error: str | None = None
) -> None:
    """Enter how a run ended: with its report, or with what stopped it."""
    ended = {"report": report, "error": error, "finished_at": clock.now()}
    state = "done" if error is None else "failed"
    await session.execute(
        update(EtlRun).where(col(EtlRun.id) == run_id).values(state=state, **ended)
    )
    if error is None:
        await session.execute(delete(EtlCrawled).where(col(EtlCrawled.run_id) == run_id))


async def crawled(session: WriteSession, run_id: UUID) -> set[str]:
    """Return the occupations that a run has fetched already."""
    return set(await session.exec(select(EtlCrawled.onet_code).where(EtlCrawled.run_id == run_id)))


async def mark_crawled(session: WriteSession, run_id: UUID, onet_code: str) -> None:
    """Enter that an occupation is fetched whole, in the transaction that stages it."""
    session.add(EtlCrawled(run_id=run_id, onet_code=onet_code, fetched_at=clock.now()))
    await session.flush()
