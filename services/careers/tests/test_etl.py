"""Loading O*NET releases: the real one, and small ones with every kind of bad row."""

import asyncio
import gzip
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from libs.common.db import open_database
from libs.common.migrations import differences
from libs.common.service import Runtime, Service
from libs.common.testing import Bench
from services.careers.cli import commands
from services.careers.etl.loader import load_careers
from services.careers.etl.mapping import OCCUPATION_COLUMNS, OCCUPATIONS
from services.careers.etl.report import SHOWN, TableReport
from services.careers.etl.sources import ReleaseUnreadable, read_table, release_version
from services.careers.models import metadata
from services.careers.service import service
from services.careers.tests.conftest import HEADER, ROWS

WriteRelease = Callable[..., Path]


async def load(bench: Bench, release: Path) -> TableReport:
    rows = read_table(release, OCCUPATIONS, OCCUPATION_COLUMNS)
    async with bench.db.write() as session:
        return await load_careers(session, rows, release_version(release))


async def stored(bench: Bench) -> list[dict[str, Any]]:
    """Return the rows, each with its place on disk: a row that was rewritten has another."""
    rows = await bench.rows("SELECT ctid::text, xmin::text, xmax::text, * FROM careers ORDER BY 4")
    return [dict(row) for row in rows]


async def test_the_real_release_has_1016_occupations_and_a_second_load_changes_none(
    bench: Bench, shared_data: Path
) -> None:
    release = shared_data / "onet" / "onet_30_1"
    first = await load(bench, release)
    assert (first.read, first.written, first.unchanged, first.failed) == (1016, 1016, 0, 0)
    before = await stored(bench)
    assert len(before) == 1016
    assert before[0]["title_en"] == "Chief Executives"
    assert {row["source_version"] for row in before} == {"30.1"}
    again = await load(bench, release)
    assert (again.read, again.written, again.unchanged, again.failed) == (1016, 0, 1016, 0)
    assert await stored(bench) == before


async def test_only_the_row_that_differs_is_written(bench: Bench, release: WriteRelease) -> None:
    await load(bench, release(*ROWS))
    before = await stored(bench)
    report = await load(bench, release(ROWS[0], ROWS[1].replace("Developers", "Makers"), ROWS[2]))
    assert (report.written, report.unchanged) == (1, 2)
    after = await stored(bench)
    assert [after[0], after[2]] == [before[0], before[2]]
    assert (after[1]["title_en"], after[1]["title_folded"]) == (
        "Software Makers",
        "software makers",
    )
    assert after[1]["loaded_at"] > before[1]["loaded_at"]


async def test_a_newer_release_is_credited_even_where_its_text_is_the_same(
    bench: Bench, release: WriteRelease
) -> None:
    await load(bench, release(*ROWS))
    report = await load(bench, release(*ROWS, name="db_30_2_text"))
    assert report.written == 3
    assert {row["source_version"] for row in await stored(bench)} == {"30.2"}


async def test_bad_rows_are_reported_and_the_others_loaded(
    bench: Bench, release: WriteRelease
) -> None:
    bad: list[tuple[str | bytes, str]] = [
        ("15-1252\tSoftware\tcode without its decimals", "O*NET-SOC Code"),
        ("15-1253.00\t \tno title", "Title"),
        ("15-1254.00\tToo long\t" + "x" * 10_001, "Description"),
        ("15-1255.00\tNul\tha\0lf", "must not contain NUL"),
        ("15-1256.00\tTwo cells", "has 2 cells, not 3"),
        (b"15-1257.00\tNot text\t\xff\xfe", "is not UTF-8"),
        (ROWS[0], "repeats 11-1011.00"),
        ("", "has 1 cells, not 3"),
    ]
    report = await load(bench, release(*ROWS, *(row for row, _ in bad)))
    assert (report.read, report.written, report.failed) == (11, 3, 8)
    for found, (line, (_, reason)) in zip(report.bad_rows, enumerate(bad, start=5), strict=True):
        assert found.line == line
        assert reason in found.reason
    assert len(await stored(bench)) == 3


async def test_a_table_of_rubbish_makes_a_short_report(bench: Bench, release: WriteRelease) -> None:
    report = await load(bench, release(*["rubbish"] * 500))
    assert report.failed == 500
    assert len(report.bad_rows) == SHOWN
    assert str(report).startswith(
        "careers: 500 read, 0 written, 0 unchanged, 500 failed\n  line 2 "
    )


def in_zip(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"db_30_1_text/{file.name}")
    return target


def in_gzip(folder: Path, target: Path) -> Path:
    target.mkdir()
    text = (folder / "Occupation Data.txt").read_bytes()
    (target / "Occupation Data.tsv.gz").write_bytes(gzip.compress(text))
    return target


def with_byte_order_mark(folder: Path, target: Path) -> Path:
    target.mkdir()
    text = (folder / "Occupation Data.txt").read_bytes()
    (target / "Occupation Data.tsv").write_bytes(b"\xef\xbb\xbf" + text)
    return target


@pytest.mark.parametrize("packed", [in_zip, in_gzip, with_byte_order_mark])
async def test_every_form_of_a_release_is_read(
    bench: Bench, release: WriteRelease, tmp_path: Path, packed: Callable[[Path, Path], Path]
) -> None:
    report = await load(bench, packed(release(*ROWS), tmp_path / "onet_30_1"))
    assert report.written == 3


def damaged_zip(folder: Path) -> None:
    (folder / "db_30_1.zip").write_bytes(b"PK no zip at all")


def cut_gzip(folder: Path) -> None:
    whole = gzip.compress("\n".join([HEADER, *ROWS]).encode())
    (folder / "Occupation Data.tsv.gz").write_bytes(whole[:-20])


def other_columns(folder: Path) -> None:
    (folder / "Occupation Data.txt").write_text("Code\tTitle\tDescription\n")


def no_table(folder: Path) -> None:
    (folder / "Skills.txt").write_text(HEADER)


@pytest.mark.parametrize("spoil", [damaged_zip, cut_gzip, other_columns, no_table])
async def test_a_release_that_cannot_be_read_leaves_everything_as_it_was(
    bench: Bench, tmp_path: Path, release: WriteRelease, spoil: Callable[[Path], None]
) -> None:
    await load(bench, release(*ROWS))
    before = await stored(bench)
    folder = tmp_path / "spoilt_30_2"
    folder.mkdir()
    spoil(folder)
    source = folder / "db_30_1.zip" if spoil is damaged_zip else folder
    with pytest.raises(ReleaseUnreadable):
        await load(bench, source)
    assert await stored(bench) == before


@pytest.mark.parametrize(
    ("name", "version"), [("db_30_2_text.zip", "30.2"), ("onet_30_1", "30.1"), ("db_9_0", "9.0")]
)
def test_the_version_is_read_from_the_name(name: str, version: str) -> None:
    assert release_version(Path("/data") / name) == version


async def run(bench: Bench, url: str, arguments: Iterable[str]) -> Result:
    """Run `waymark careers …` as the command line does: in a thread, with a loop of its own."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Runtime]:
        runtime = replace(bench.runtime, db=open_database(url, service.name))
        try:
            yield runtime
        finally:
            await runtime.db.close()

    return await asyncio.to_thread(CliRunner().invoke, commands, [*arguments], obj=opened)


async def test_the_command_loads_and_reports_and_a_dry_run_only_reports(
    bench: Bench, migrated: Callable[[Service], str], release: WriteRelease
) -> None:
    arguments = ["etl", "--mode", "files", "--path", str(release(*ROWS, "bad"))]
    dry = await run(bench, migrated(service), [*arguments, "--dry-run"])
    assert dry.exit_code == 0
    assert dry.stdout.startswith("dry run: careers: 4 read, 3 written, 0 unchanged, 1 failed\n")
    assert await stored(bench) == []
    real = await run(bench, migrated(service), arguments)
    assert "Occupation Data" in real.stderr
    assert real.stdout == (
        "careers: 4 read, 3 written, 0 unchanged, 1 failed\n  line 5 has 1 cells, not 3\n"
    )
    assert len(await stored(bench)) == 3


async def test_the_command_says_in_a_sentence_what_is_wrong_with_a_release(
    bench: Bench, migrated: Callable[[Service], str], tmp_path: Path
) -> None:
    result = await run(
        bench, migrated(service), ["etl", "--mode", "FILES", "--path", str(tmp_path / "..")]
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")


def test_the_migrations_make_what_the_models_say(migrated: Callable[[Service], str]) -> None:
    assert differences(migrated(service), service.name, metadata) == []
