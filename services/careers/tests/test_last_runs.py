"""What the metrics tell of the ledger of runs: the last of each."""

from datetime import UTC, datetime, timedelta

from libs.common.metrics import LastRun
from libs.common.testing import BenchOf
from services.careers.etl.report import Report
from services.careers.models import EtlRun
from services.careers.queries.runs import last_runs
from services.careers.service import service

BEGUN = datetime(2026, 1, 2, tzinfo=UTC)
ENDED = BEGUN + timedelta(hours=1)


async def test_the_last_run_is_told(bench_of: BenchOf) -> None:
    bench = await bench_of(service)
    async with bench.db.read() as session:
        assert await last_runs(session) == []
    report = Report.of(["careers", "skills"])
    report.wrote("careers", 2)
    report.wrote("skills", 1)
    report.tables["skills"].absent = 1
    told = report.as_json()
    async with bench.db.write() as session:
        runs = [
            EtlRun(mode="FILES", state="interrupted", started_at=BEGUN),
            EtlRun(mode="FILES", state="done", started_at=ENDED, finished_at=ENDED, report=told),
        ]
        for run in runs:
            session.add(run)
            await session.flush()
    async with bench.db.read() as session:
        found = await last_runs(session)
    counts = {"written": 3, "unchanged": 0, "absent": 1, "failed": 0}
    assert found == [LastRun("etl", "done", ENDED, ENDED, counts)]
