"""HYBRID loads what FILES loads, and no run makes anything up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from libs.common.testing import Bench
from services.careers.etl import runs
from services.careers.etl.runs import Order, run
from services.careers.etl.shape import Format, Mode
from services.careers.tests.fake_onet.release import Release
from services.careers.tests.fake_onet.server import FakeOnet, serving
from services.careers.tests.upstream.varied import ALL_OTHER, CEO, MILITARY, SCIENTIST, VARIED
from services.careers.tests.upstream.whole_runs import (
    Rows,
    clear,
    knobs,
    load,
    loaded,
    places,
    small_release,
    unseen,
    without,
)


def level(row: Mapping[str, Any]) -> tuple[str, str, int]:
    """Return a level of education in words that both sources have."""
    name = row["level"].partition(" - ")[0].replace(" (or other 2-year degree)", "").casefold()
    return row["onet_code"], name, row["percentage"]


def comparable(tables: dict[str, Rows]) -> dict[str, Any]:
    """Return what both sources tell, in the words of both. What is left out, and why:

    - the page, hashes, source and version: they say where it is from;
    - My Next Move's short title and list of education, and O*NET's label of the outlook with its
      reasons and words: no release has them;
    - alternate titles, levels (0 to 7) and the tier of relatedness but for "Supplemental": the web
      services do not tell;
    - importance of tasks, and work context: the fake makes them up, the tables are not to be had;
    - `in_demand` where it is not said: the web services name only those that are;
    - the order of technologies: by category in the web services, by name in a release;
    - levels of education that nobody named: the web services leave them out.
    """
    origin = ("source", "source_version", "content_hash", "part_hashes", "loaded_at")
    said = {table: rows for table, rows in tables.items() if table != "career_pages"}
    del said["career_work_context"]
    titles = [row for row in said["career_titles"] if row["kind"] == "reported"]
    technology = without(said["career_technology"], "rank")
    for row in technology:
        row["in_demand"] = bool(row["in_demand"])  # type: ignore[index]
    related = without(said["career_related"], "tier")
    supplemental = [row["tier"] == "Supplemental" for row in said["career_related"]]
    shares = [level(row) for row in said["career_education_pct"]]
    return said | {
        "careers": without(said["careers"], *origin, "short_title_en"),
        "career_titles": without(titles, "rank", "short_title"),
        "career_tasks": without(said["career_tasks"], "importance"),
        "career_technology": sorted(map(repr, technology)),
        "career_ksas": without(said["career_ksas"], "level"),
        "career_work_activities": without(said["career_work_activities"], "level"),
        "career_prep": without(said["career_prep"], "usually_needed"),
        "career_outlook": without(
            said["career_outlook"], "growth_label", "bright_reasons", "label_source", "summary_md"
        ),
        "career_education_pct": [share for share in shares if share[2]],
        "career_related": (related, supplemental),
    }


async def compare(bench: Bench, codes: Sequence[str], release: Path) -> dict[str, Rows]:
    """Load occupations from files and by HYBRID, compare, and return what HYBRID loaded."""
    await load(bench, Mode.FILES, release, codes)
    files = await loaded(bench)
    await clear(bench)
    report = await load(bench, Mode.HYBRID, release / "bls", codes)
    hybrid = await loaded(bench)
    assert report.failures == 0
    assert len(hybrid["careers"]) == len(codes)
    one, other = comparable(hybrid), comparable(files)
    for table in other:
        assert one[table] == other[table], table
        assert other[table], table
    return hybrid


async def test_hybrid_loads_what_files_loads(bench: Bench, fake: FakeOnet, small: Path) -> None:
    hybrid = await compare(bench, VARIED, small)
    labels = {row["onet_code"]: row["growth_label"] for row in hybrid["career_outlook"]}
    assert labels[CEO] == "Bright"
    assert MILITARY not in labels


@pytest.mark.soak
@pytest.mark.parametrize("tenth", range(10))
async def test_hybrid_loads_what_files_loads_of_all_occupations(
    bench: Bench,
    known: Release,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tenth: int,
) -> None:
    codes = sorted(known.occupations)[tenth::10]
    release = small_release(known.folder, codes, tmp_path)
    async with serving(Release(known.folder, codes)) as fake:
        monkeypatch.setattr(runs, "settings", lambda: knobs(fake))
        await compare(bench, codes, release)


@pytest.mark.parametrize("version", ["v2", "v1.9"])
@pytest.mark.parametrize("mode", [Mode.MNM, Mode.ONLINE])
async def test_each_mode_loads_all_that_it_knows(
    bench: Bench, fake: FakeOnet, monkeypatch: pytest.MonkeyPatch, mode: Mode, version: Format
) -> None:
    monkeypatch.setattr(runs, "settings", lambda: knobs(fake, version))
    assert (await load(bench, mode)).failures == 0
    tables = await loaded(bench)
    assert [row["onet_code"] for row in tables["careers"]] == sorted(VARIED)
    assert {row["source"] for row in tables["careers"]} == {"O*NET Web Services"}
    both = {"titles", "tasks", "technology", "ksas", "prep", "interests"}
    own = {
        Mode.MNM: {"outlook", "wages_us"},
        Mode.ONLINE: {"work_activities", "dwas", "work_context", "education_pct", "related"},
    }
    filled = {name for name, rows in tables.items() if rows}
    assert filled == {"careers", "career_pages", *(f"career_{part}" for part in both | own[mode])}
    rated = {row["rating"] is not None for row in tables["career_ksas"]}
    assert rated == {mode is Mode.ONLINE}
    tasks = [row["source"] for row in tables["career_tasks"] if row["onet_code"] == CEO]
    assert tasks == (["onet"] * 3 + ["derived"] * 2 if mode is Mode.MNM else ["onet"] * 31)


async def test_a_second_run_writes_nothing(bench: Bench, fake: FakeOnet) -> None:
    first = await load(bench, Mode.HYBRID)
    before = await places(bench)
    again = await load(bench, Mode.HYBRID)
    assert {table: counts.written for table, counts in again.tables.items() if counts.written} == {}
    assert again.tables["career_tasks"].unchanged == first.tables["career_tasks"].written > 0
    assert await places(bench) == before


async def test_nothing_is_made_up_for_those_without_data(bench: Bench, fake: FakeOnet) -> None:
    await load(bench, Mode.HYBRID)
    tables = await loaded(bench)
    for code in (ALL_OTHER, MILITARY):
        known = {t for t, rows in tables.items() if any(row["onet_code"] == code for row in rows)}
        assert known == {"careers", "career_pages"}
    ratings = [row["rating"] for row in tables["career_ksas"] if row["onet_code"] == SCIENTIST]
    importance = [
        row["importance"] for row in tables["career_tasks"] if row["onet_code"] == SCIENTIST
    ]
    assert ratings == []
    assert set(importance) == {None}


async def test_recorded_reports_become_rows(
    bench: Bench, fake: FakeOnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MNM of v1.9: what seed C was loaded from."""
    monkeypatch.setattr(runs, "settings", lambda: knobs(fake, "v1.9"))
    report = await run(bench.db, Order(Mode.MNM, None, [CEO, "17-2051.00"]), unseen)
    assert report.failures == 0
    tables = await loaded(bench)
    chief, civil = tables["careers"]
    assert (chief["title_en"], civil["short_title_en"]) == ("Chief Executives", "Civil Engineers")
    assert [(row["rank"], row["source"]) for row in tables["career_tasks"][:5]] == [
        (1, "onet"),
        (2, "onet"),
        (3, "onet"),
        (4, "derived"),
        (5, "derived"),
    ]
    assert {row["importance"] for row in tables["career_tasks"]} == {None}
    assert {row["rating"] for row in tables["career_ksas"]} == {None}
    assert [
        len([r for r in tables["career_ksas"] if r["onet_code"] == c]) for c in (CEO, "17-2051.00")
    ] == [18, 18]
    assert [row["hot_flag"] for row in tables["career_technology"][:6]] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    zones = [(row["job_zone"], row["usually_needed"]) for row in tables["career_prep"]]
    assert zones == [
        (5, ["master's degree", "bachelor's degree"]),
        (4, ["bachelor's degree", "associate's degree"]),
    ]
    tops = [{k: row[k] for k in "riasec"} for row in tables["career_interests"]]
    assert tops == [dict.fromkeys("riasec", 0) | {"e": 1}, dict.fromkeys("riasec", 0) | {"r": 1}]
    assert [row["growth_label"] for row in tables["career_outlook"]] == ["Bright", "Bright"]
    paid = tables["career_wages_us"][0]
    assert (paid["annual_median"], paid["annual_90"], paid["hourly_90"]) == (206680, 239200, 115)
    assert paid["top_coded"] == ["annual_90", "hourly_90"]


async def test_the_older_version_loads_the_same(
    bench: Bench, fake: FakeOnet, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(bench, Mode.HYBRID, small / "bls")
    newer = comparable(await loaded(bench))
    await clear(bench)
    monkeypatch.setattr(runs, "settings", lambda: knobs(fake, "v1.9"))
    await load(bench, Mode.HYBRID, small / "bls")
    old = comparable(await loaded(bench))
    for table in newer:
        if table not in {"career_technology", "career_related"}:  # neither demand nor tier there
            assert old[table] == newer[table], table
