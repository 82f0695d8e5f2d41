"""What the metrics tell of the ledger of runs: the last of each."""

from datetime import UTC, datetime

from libs.common.metrics import LastRun
from libs.common.testing import BenchOf
from services.ingestion.models import Run
from services.ingestion.queries.runs import last_runs
from services.ingestion.service import service

BEGUN = datetime(2026, 1, 2, tzinfo=UTC)


async def test_the_last_run_is_told(bench_of: BenchOf) -> None:
    bench = await bench_of(service)
    async with bench.db.read() as session:
        assert await last_runs(session) == []
    async with bench.db.write() as session:
        runs = [
            Run(source="lever", started_at=BEGUN, state="failed", finished_at=BEGUN, new=1),
            Run(source="lever", started_at=BEGUN, state="running", new=2, skipped=3),
            Run(source="remotive", started_at=BEGUN, state="finished", finished_at=BEGUN),
        ]
        for run in runs:
            session.add(run)
            await session.flush()
    async with bench.db.read() as session:
        found = await last_runs(session)
    counts = {"new": 2, "updated": 0, "unchanged": 0, "skipped": 3, "failed": 0}
    assert found == [
        LastRun("lever", "running", BEGUN, None, counts),
        LastRun("remotive", "finished", BEGUN, BEGUN, dict.fromkeys(counts, 0)),
    ]
