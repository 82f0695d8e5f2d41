"""How the collection from each source went last."""

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from libs.common.metrics import LastRun
from libs.common.sessions import ReadSession
from services.ingestion.models import Run

_OUTCOMES = ("new", "updated", "unchanged", "skipped", "failed")


async def last_runs(session: ReadSession) -> list[LastRun]:
    """Return each source's latest run; its counts are postings."""
    newest = select(Run).order_by(col(Run.source), col(Run.id).desc())
    latest = newest.ext(distinct_on(col(Run.source)))
    return [
        LastRun(
            run.source,
            run.state,
            run.started_at,
            run.finished_at,
            {outcome: getattr(run, outcome) for outcome in _OUTCOMES},
        )
        for run in await session.exec(latest)
    ]
