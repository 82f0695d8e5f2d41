"""How the load of the encyclopedia went last."""

from sqlmodel import col, select

from libs.common.metrics import LastRun
from libs.common.sessions import ReadSession
from services.careers.models import EtlRun

_OUTCOMES = ("written", "unchanged", "absent", "failed")


async def last_runs(session: ReadSession) -> list[LastRun]:
    """Return the latest run; its counts are rows, over all tables."""
    latest = select(EtlRun).order_by(col(EtlRun.started_at).desc(), col(EtlRun.id).desc()).limit(1)
    found = await session.exec(latest)
    return [
        LastRun("etl", run.state, run.started_at, run.finished_at, _counts(run)) for run in found
    ]


def _counts(run: EtlRun) -> dict[str, int]:
    tables = (run.report or {"tables": {}})["tables"].values()
    return {outcome: sum(table[outcome] for table in tables) for outcome in _OUTCOMES}
