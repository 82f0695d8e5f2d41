"""Runs over releases: only what differs is written, and what went wrong is told."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from libs.common.alone import alone
from libs.common.migrations import differences
from libs.common.service import Service
from libs.common.testing import Bench
from services.careers.etl import loader, runs
from services.careers.etl.mapping import Staged, dossier_of
from services.careers.etl.report import Report
from services.careers.etl.runs import Order, RunRefused, run
from services.careers.etl.shape import Dossier, Mode, Source
from services.careers.models import metadata
from services.careers.service import service
from services.careers.tests import releases
from services.careers.tests.conftest import ROWS
from services.careers.tests.releases import CODE, Table, unseen, write_folder
from services.careers.tests.stored import counts, places, rows, state

WriteRelease = Callable[..., Path]
DEVELOPER, MILITARY = "15-1252.00", "55-3016.00"
CODES = ("11-1011.00", DEVELOPER, "15-2051.00", "11-9199.00", MILITARY)


@pytest.fixture(scope="module")
def found(shared_data: Path) -> dict[str, Table]:
    """The tables of five occupations, those without data among them."""
    return releases.tables(shared_data / "onet", CODES)


async def load(bench: Bench, path: Path | None, *, dry: bool = False) -> Report:
    return await run(bench.db, Order(Mode.FILES, path), unseen, dry=dry)


def changed(table: Table, code: str, **cells: str) -> Table:
    """Return a table whose first row of an occupation has other cells."""
    first = next(at for at, row in enumerate(table) if row[CODE] == code)
    other = table[first] | {name.replace("_", " "): cell for name, cell in cells.items()}
    return [*table[:first], other, *table[first + 1 :]]


async def test_only_the_part_that_differs_is_written(
    bench: Bench, found: dict[str, Table], tmp_path: Path
) -> None:
    await load(bench, write_folder(tmp_path, found))
    before, others = await places(bench.db), await untouched(bench)
    tasks = changed(found["Task Statements"], DEVELOPER, Task="Invent the wheel.")
    report = await load(bench, write_folder(tmp_path, found | {"Task Statements": tasks}))
    after = await places(bench.db)
    assert {name for name in before if before[name] != after[name]} == {
        "careers",  # its hashes, and when it was loaded
        "career_tasks",
        "career_pages",
        "etl_raw",
    }
    written = {name: one.written for name, one in report.tables.items() if one.written}
    mine = sum(row[CODE] == DEVELOPER for row in tasks)
    assert written == {"career_tasks": mine, "career_pages": 1}
    assert await untouched(bench) == others
    [page] = await rows(bench.db, "SELECT page FROM career_pages WHERE onet_code = :x", x=DEVELOPER)
    assert "Invent the wheel." in page["page"]


async def untouched(bench: Bench) -> list[object]:
    """Return where the rows of the other occupations lie."""
    return list(
        await rows(
            bench.db,
            "SELECT CAST(ctid AS text), CAST(xmin AS text) FROM careers WHERE onet_code <> :x",
            x=DEVELOPER,
        )
    )


async def test_what_a_newer_release_no_longer_says_goes(
    bench: Bench, found: dict[str, Table], tmp_path: Path
) -> None:
    await load(bench, write_folder(tmp_path, found))
    without = {
        name: [row for row in table if name == "Occupation Data" or row.get(CODE) != DEVELOPER]
        for name, table in found.items()
    }
    await load(bench, write_folder(tmp_path, without))
    [career] = await rows(bench.db, "SELECT * FROM careers WHERE onet_code = :x", x=DEVELOPER)
    assert career["part_hashes"].keys() == {"header", "page"}
    for table in loader.TABLES:
        kept = await rows(bench.db, f"SELECT 1 FROM {table} WHERE onet_code = :x", x=DEVELOPER)
        assert len(kept) == (table in {"careers", "career_pages"}), table


async def test_a_newer_release_is_credited_even_where_its_text_is_the_same(
    bench: Bench, release: WriteRelease
) -> None:
    await load(bench, release(*ROWS))
    report = await load(bench, release(*ROWS, name="db_30_2_text"))
    assert report.tables["careers"].written == 3
    versions = await rows(bench.db, "SELECT DISTINCT source_version FROM careers")
    assert versions == [{"source_version": "30.2"}]


async def test_an_occupation_that_a_newer_release_lacks_stays(
    bench: Bench, release: WriteRelease
) -> None:
    await load(bench, release(*ROWS))
    report = await load(bench, release(*ROWS[:2], name="db_31_0_text"))
    assert report.tables["careers"].read == 2
    versions = await rows(bench.db, "SELECT source_version FROM careers ORDER BY onet_code")
    assert [row["source_version"] for row in versions] == ["31.0", "31.0", "30.1"]


async def test_another_mapping_writes_what_it_maps_otherwise_without_reading_anew(
    bench: Bench, found: dict[str, Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(bench, write_folder(tmp_path, found))
    before = await places(bench.db)
    monkeypatch.setattr(loader, "fingerprint", lambda: b"another")
    same = Report.of(loader.TABLES)
    await loader.load(bench.db.write, Mode.FILES, CODES, same, unseen)
    assert sum(one.written for one in same.tables.values()) == 0
    after = await places(bench.db)
    assert {name for name in before if before[name] != after[name]} == {"careers"}  # its hash

    def shorter(code: str, mode: Mode, staged: Mapping[Source, Staged]) -> Dossier:
        return replace(dossier_of(code, mode, staged), technology=None)

    monkeypatch.setattr(loader, "fingerprint", lambda: b"a third")
    monkeypatch.setattr(loader, "dossier_of", shorter)
    await loader.load(bench.db.write, Mode.FILES, CODES, Report.of(loader.TABLES), unseen)
    assert (await counts(bench.db))["career_technology"] == 0
    assert (await places(bench.db))["career_ksas"] == before["career_ksas"]


async def test_a_dry_run_reports_and_leaves_no_trace(
    bench: Bench, found: dict[str, Table], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path, found)
    dry = await load(bench, folder, dry=True)
    assert set((await counts(bench.db)).values()) == {0}
    assert await rows(bench.db, "SELECT * FROM etl_runs") == []
    assert await rows(bench.db, "SELECT 1 FROM etl_raw") == []
    real = await load(bench, folder)
    assert dry.as_json() == real.as_json()
    assert real.tables["careers"].written == len(CODES)


async def test_some_occupations_are_loaded_and_an_unknown_one_is_told(
    bench: Bench, found: dict[str, Table], tmp_path: Path
) -> None:
    order = Order(Mode.FILES, write_folder(tmp_path, found), [DEVELOPER, "99-9999.00"])
    report = await run(bench.db, order, unseen)
    assert (report.tables["careers"].written, report.tables["careers"].failed) == (1, 1)
    assert report.problems == ["99-9999.00 is not among the source's occupations"]


async def test_what_cannot_be_mapped_is_told_and_the_others_are_loaded(
    bench: Bench, release: WriteRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(code: str, mode: Mode, staged: Mapping[Source, Staged]) -> Dossier:
        if code == DEVELOPER:
            raise KeyError("title")
        return dossier_of(code, mode, staged)

    monkeypatch.setattr(loader, "dossier_of", failing)
    report = await load(bench, release(*ROWS))
    assert (report.tables["careers"].written, report.tables["careers"].failed) == (2, 1)
    assert report.problems == ["15-1252.00 cannot be mapped: KeyError('title')"]
    monkeypatch.undo()
    report = await load(bench, release(*ROWS))
    assert (report.tables["careers"].written, report.tables["careers"].unchanged) == (1, 2)


async def test_what_postgresql_refuses_is_told_and_the_others_are_loaded(
    bench: Bench, found: dict[str, Table], tmp_path: Path
) -> None:
    ranks = changed(found["Task Statements"], DEVELOPER, Task_ID=str(2**40))
    folder = write_folder(tmp_path, found | {"Task Statements": ranks})
    for dry in (True, False):
        report = await load(bench, folder, dry=dry)
        assert (report.tables["careers"].written, report.tables["careers"].failed) == (4, 1)
        assert "15-1252.00 cannot be written" in report.problems[0]


async def test_a_second_run_beside_the_first_is_refused(
    bench: Bench, release: WriteRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = release(*ROWS)
    monkeypatch.setattr(runs, "PATIENCE", 0.0)
    async with alone(bench.db, "etl"):
        with pytest.raises(RunRefused, match="under way"):
            await load(bench, folder)
    assert (await load(bench, folder)).tables["careers"].written == 3


@pytest.mark.parametrize("path", [None, Path("nowhere")])
async def test_a_run_that_cannot_be_is_refused_before_it_is_begun(
    bench: Bench, path: Path | None
) -> None:
    with pytest.raises(RunRefused):
        await load(bench, path)
    assert await rows(bench.db, "SELECT 1 FROM etl_runs") == []


async def cut_off(bench: Bench, order: Order) -> None:
    """Begin a run, and end it as a kill does: in the middle, without a word in the ledger."""

    def killed(_: str, __: int) -> AbstractContextManager[Callable[[], None]]:
        raise OSError("killed")

    with pytest.raises(OSError, match="killed"):
        await run(bench.db, order, killed)


async def test_a_run_that_was_cut_off_is_resumed_as_it_was_ordered(
    bench: Bench, release: WriteRelease
) -> None:
    folder, said = release(*ROWS), list[str]()
    await cut_off(bench, Order(Mode.FILES, folder, ["15-1252.00"]))
    with pytest.raises(RunRefused):  # a slip of the hand is not what is resumed then
        await load(bench, Path("nowhere"))
    report = await run(bench.db, Order(), unseen, said.append, resume=True)
    assert report.tables["careers"].written == 1
    assert said[0].endswith(f"UTC: --mode FILES --path {folder} --codes 15-1252.00")
    [entry] = await rows(bench.db, "SELECT state, mode, codes FROM etl_runs")
    assert entry == {"state": "done", "mode": "FILES", "codes": ["15-1252.00"]}
    first = await state(bench.db)
    await run(bench.db, Order(Mode.FILES, folder), unseen, said.append, resume=True)
    assert said[1] == f"there is no run to resume: begins --mode FILES --path {folder}"
    assert len(await rows(bench.db, "SELECT 1 FROM etl_runs")) == 2
    assert await state(bench.db) != first


async def test_what_contradicts_the_run_that_was_cut_off_is_refused(
    bench: Bench, release: WriteRelease
) -> None:
    folder = release(*ROWS)
    mine = Order(Mode.FILES, folder, ["15-1252.00"])
    await cut_off(bench, mine)
    for other in (Order(Mode.MNM), Order(path=folder.parent), Order(codes=["39-5093.00"])):
        with pytest.raises(RunRefused, match=r"is --mode FILES --path .* --codes 15-1252\.00: say"):
            await run(bench.db, other, unseen, resume=True)
    await cut_off(bench, Order(Mode.FILES, folder))
    await run(bench.db, mine, unseen, resume=True)  # neither the latest, nor forgotten
    entries = await rows(bench.db, "SELECT state FROM etl_runs ORDER BY started_at")
    assert entries == [{"state": "done"}, {"state": "interrupted"}]


def test_the_migrations_make_what_the_models_say(migrated: Callable[[Service], str]) -> None:
    assert differences(migrated(service), service.name, metadata) == []
