"""The commands, as one types them: `waymark task careers …`."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from libs.common.db import open_database
from libs.common.service import Runtime, Service
from libs.common.testing import Bench
from services.careers.cli import commands
from services.careers.etl import progress
from services.careers.etl.report import SHOWN, Report
from services.careers.service import service
from services.careers.tests.conftest import ROWS

WriteRelease = Callable[..., Path]


@pytest.fixture
def waymark(
    bench: Bench, migrated: Callable[[Service], str]
) -> Callable[..., asyncio.Future[Result]]:
    """Run a command as the command line does: in a thread, with a loop of its own."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Runtime]:
        runtime = replace(bench.runtime, db=open_database(migrated(service), service.name))
        try:
            yield runtime
        finally:
            await runtime.db.close()

    def run(*arguments: str) -> asyncio.Future[Result]:
        work = asyncio.to_thread(CliRunner().invoke, commands, [*arguments], obj=opened)
        return asyncio.ensure_future(work)

    return run


Waymark = Callable[..., asyncio.Future[Result]]


async def test_a_load_is_shown_and_reported_and_a_dry_one_writes_nothing(
    bench: Bench, waymark: Waymark, release: WriteRelease
) -> None:
    arguments = ["etl", "--mode", "files", "--path", str(release(*ROWS, "bad"))]
    dry = await waymark(*arguments, "--dry-run")
    assert dry.stdout.startswith("dry run: nothing was written\n")
    assert "careers: 4 read, 3 written, 0 unchanged, 0 absent, 1 failed\n" in dry.stdout
    assert await bench.rows("SELECT 1 FROM careers") == []
    real = await waymark(*arguments)
    assert real.exit_code == 1  # a line is bad: whoever watches is to look
    assert "loaded 3/3\n" in real.stderr
    assert "  Occupation Data line 5 has 1 cells, not 3\n" in real.stderr
    assert real.stdout.splitlines()[:2] == [
        "careers: 4 read, 3 written, 0 unchanged, 0 absent, 1 failed",
        "career_titles: 0 read, 0 written, 0 unchanged, 3 absent, 0 failed",
    ]
    assert len(await bench.rows("SELECT 1 FROM careers")) == 3


async def test_the_mode_is_the_settings_and_codes_are_chosen(
    bench: Bench, waymark: Waymark, release: WriteRelease
) -> None:
    codes = "15-1252.00, 39-5093.00"
    found = await waymark("etl", "--path", str(release(*ROWS)), "--codes", codes)
    assert found.exit_code == 0, found.output
    assert len(await bench.rows("SELECT 1 FROM careers")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mode", "FILES"], "Error: the mode FILES needs --path"),
        (["--mode", "FILES", "--path", "."], "Error: "),
        (["--mode", "OTHER"], "is not one of"),
        (["--codes", "15-1252"], "'15-1252' is no O*NET-SOC code"),
        (["--codes", "15-1252.00,x,y"], "'x', 'y' is no O*NET-SOC code"),
        (["--codes", ","], "',' is no O*NET-SOC code"),
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(
    waymark: Waymark, arguments: list[str], said: str, tmp_path: Path
) -> None:
    asked = [str(tmp_path) if one == "." else one for one in arguments]
    found = await waymark("etl", *asked)
    assert found.exit_code in {1, 2}
    assert said in found.stderr
    assert "Traceback" not in found.output


async def test_a_snapshot_is_written(
    waymark: Waymark, release: WriteRelease, tmp_path: Path
) -> None:
    await waymark("etl", "--mode", "FILES", "--path", str(release(*ROWS)))
    found = await waymark("export", "--to", str(tmp_path / "snapshot"))
    assert found.stdout.splitlines()[0] == "careers: 3 rows"
    with (tmp_path / "snapshot" / "careers.csv").open(encoding="utf-8", newline="") as lines:
        titles = [row["title_en"] for row in csv.DictReader(lines)]
    assert titles == [row.split("\t")[1] for row in ROWS]


async def test_a_snapshot_that_cannot_be_written_is_said_in_a_sentence(
    waymark: Waymark, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    found = await waymark("export", "--to", str(tmp_path / "file" / "snapshot"))
    assert found.exit_code == 1
    assert found.stderr.startswith("Error: cannot write the snapshot: ")
    assert str(tmp_path / "file" / "snapshot") in found.stderr


def test_on_a_terminal_a_run_is_a_bar_and_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report.of(["careers"])
    report.wrote("careers", 1016)
    for number in range(SHOWN + 5):
        report.fail("careers", f"line {number}")
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    with progress.steps("loaded", 2) as advance:
        advance()
        advance()
    progress.show(report)
    out, err = capsys.readouterr()
    assert "1,016" in out
    assert "loaded" in err
    assert "2/2" in err
    assert "  and 5 more\n" in err
