"""The ledger of runs: begin or resume one, enter a page, end it; in its caller's transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from libs.common import clock
from libs.common.contracts.ingestion import IngestionRunCompleted
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from services.ingestion.models import Run
from services.ingestion.sources.shape import JobSource, Json
from services.ingestion.tally import Tally


class RunLost(Exception):
    """Another process goes on with this run: nothing more is to be written for it here."""


async def begin_run(session: WriteSession, source: JobSource) -> Run:
    """Resume the source's last run, where that was killed or stopped, else begin a new one.

    Only who holds the lock of runs may: so a run that is `running` is nobody's.
    """
    mine = select(Run).where(Run.source == source.name).order_by(col(Run.id).desc()).limit(1)
    last = (await session.scalars(mine.with_for_update())).first()
    if last and last.state in {"running", "stopped"}:
        if source.goes_on(last.plan):
            last.state, last.finished_at, last.error = "running", None, None
            last.attempt += 1
            return last
        last.state, last.error = "failed", last.error or "killed, and what it read has changed"
    finished = await session.scalar(mine.where(Run.state == "finished"))
    plan = source.plan(finished.cursor if finished else {})
    run = Run(source=source.name, started_at=clock.now(), plan=plan)
    session.add(run)
    return run


async def enter_page(session: WriteSession, run: Run, cursor: Json, tally: Tally) -> None:
    """Note where a run stands, in the transaction that stores its page.

    Raises:
        RunLost: it was resumed elsewhere.
    """
    await _note(session, run, cursor=cursor, **tally.counts())


async def stop_run(session: WriteSession, run: Run, why: str, *, for_good: bool) -> None:
    """Note that a run came to a halt, and whether it may go on.

    Raises:
        RunLost: it was resumed elsewhere.
    """
    state = "failed" if for_good else "stopped"
    await _note(session, run, state=state, error=why[:2000], finished_at=clock.now())


async def finish_run(session: WriteSession, run: Run, tally: Tally) -> None:
    """Note that a run is complete, and say so to whoever wants to know.

    Raises:
        RunLost: it was resumed elsewhere.
    """
    await _note(session, run, state="finished", finished_at=clock.now())
    told = {"new", "updated", "unchanged", "skipped"}
    counts = {name: count for name, count in tally.counts().items() if name in told}
    publish(session, IngestionRunCompleted(run_id=run.id, source=run.source, **counts))


async def _note(session: WriteSession, run: Run, **values: Any) -> None:
    held = col(Run.id) == run.id, col(Run.attempt) == run.attempt, col(Run.state) == "running"
    noted: list[UUID] = [
        *(await session.scalars(update(Run).where(*held).values(values).returning(col(Run.id))))
    ]
    if not noted:
        raise RunLost
