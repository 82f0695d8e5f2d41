"""The whole release of the shared data, loaded once: counts, truth, and a second load."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from libs.common.db import Database
from services.careers.etl.export import export_tables
from services.careers.etl.report import Report
from services.careers.etl.runs import Order, run
from services.careers.etl.shape import Mode
from services.careers.tests.releases import CODE, Table, read_tsv, unseen
from services.careers.tests.stored import counts, own_database, places, rows

FIRST_WITHIN, SECOND_WITHIN = 20.0, 5.0  # seconds of this process's CPU


@dataclass(frozen=True)
class Loaded:
    """The database after the first load."""

    db: Database
    onet: Path
    report: Report
    seconds: float
    """Of CPU, since other tests run beside."""


@pytest.fixture(scope="module")
async def loaded(postgres_url: str, shared_data: Path) -> AsyncIterator[Loaded]:
    onet = shared_data / "onet"
    async with own_database(postgres_url, "careers_release") as (_, db):
        begun = time.process_time()
        report = await run(db, Order(Mode.FILES, onet), unseen)
        yield Loaded(db, onet, report, time.process_time() - begun)


def occupations(table: Table) -> set[str]:
    return {row[CODE] for row in table}


def test_every_table_holds_what_the_release_holds(loaded: Loaded) -> None:
    """Counted here from the files themselves; the report says the same as the database."""
    known = {
        name: file for file in loaded.onet.glob("onet_30_1*/*.gz") for name in [file.name[:-7]]
    }

    def table(name: str) -> Table:
        return read_tsv(known[name])

    rated = [table(name) for name in ("Knowledge", "Skills", "Abilities")]
    crosswalk = read_tsv(loaded.onet / "bls" / "onetsoc_to_bls.tsv")
    required = [
        row for row in table("Education, Training, and Experience") if row["Scale ID"] == "RL"
    ]
    expected = {
        "careers": len(table("Occupation Data")),
        "career_titles": len(table("Sample of Reported Titles")) + len(table("Alternate Titles")),
        "career_tasks": len(table("Task Statements")),
        "career_technology": len(table("Technology Skills")),
        "career_ksas": sum(row["Scale ID"] == "IM" for one in rated for row in one),
        "career_prep": len(table("Job Zones")),
        "career_interests": len(occupations(table("Interests"))),
        "career_outlook": sum(bool(row["bls_ep_code"]) for row in crosswalk),
        "career_work_activities": sum(row["Scale ID"] == "IM" for row in table("Work Activities")),
        "career_dwas": len({(row[CODE], row["DWA ID"]) for row in table("Tasks to DWAs")}),
        "career_work_context": 0,  # the shared release lacks it
        "career_education_pct": len(required),
        "career_wages_us": sum(bool(row["oews_code"]) for row in crosswalk),
        "career_related": len(table("Related Occupations")),
        "career_pages": len(table("Occupation Data")),
    }
    assert {name: one.written for name, one in loaded.report.tables.items()} == expected
    assert (expected["careers"], expected["career_tasks"]) == (1016, 18796)
    assert expected["career_technology"] == 32773
    assert loaded.report.failures == 0
    absent = {name: one.absent for name, one in loaded.report.tables.items()}
    for name, rated_table in (("career_tasks", "Task Statements"), ("career_prep", "Job Zones")):
        assert absent[name] == 1016 - len(occupations(table(rated_table))) == 93
    assert absent["career_work_context"] == 1016


async def test_the_database_has_as_many_rows_as_the_report_says(loaded: Loaded) -> None:
    written = {name: one.written for name, one in loaded.report.tables.items()}
    assert await counts(loaded.db) == written


async def test_a_second_load_writes_nothing_and_is_quick(loaded: Loaded) -> None:
    before = await places(loaded.db)
    begun = time.process_time()
    again = await run(loaded.db, Order(Mode.FILES, loaded.onet), unseen)
    seconds = time.process_time() - begun
    for name, first in loaded.report.tables.items():
        second = again.tables[name]
        assert (second.read, second.written, second.failed) == (first.read, 0, 0), name
        assert (second.unchanged, second.absent) == (first.written, first.absent), name
    assert await places(loaded.db) == before
    assert seconds < SECOND_WITHIN
    assert loaded.seconds < FIRST_WITHIN


async def test_the_ledger_has_both_runs(loaded: Loaded) -> None:
    runs = await rows(loaded.db, "SELECT * FROM etl_runs ORDER BY started_at")
    assert {run["state"] for run in runs} == {"done"}
    assert runs[0]["report"] == loaded.report.as_json()
    assert (runs[0]["mode"], runs[0]["path"]) == ("FILES", str(loaded.onet))


@pytest.mark.parametrize(
    ("code", "title", "absent"),
    [
        ("15-2051.00", "Data Scientists", {"knowledge", "skills", "abilities", "work_activities"}),
        ("11-9199.00", "Managers, All Other", {"tasks", "technology", "prep", "interests", "dwas"}),
        ("55-3016.00", "Infantry", {"tasks", "outlook", "wages", "related", "knowledge"}),
    ],
)
async def test_pages_say_what_there_is_and_what_is_not(
    loaded: Loaded, code: str, title: str, absent: set[str]
) -> None:
    [row] = await rows(
        loaded.db, "SELECT page FROM career_pages WHERE onet_code = :code", code=code
    )
    page: dict[str, Any] = orjson.loads(row["page"])
    assert page["header"]["title_en"] == title
    reasons = {one["section"]: one["reason"] for one in page["absent"]}
    assert absent <= reasons.keys()
    for section in reasons:
        assert not page[section]
    assert all(task["source"] == "onet" for task in page["tasks"])
    assert page["dataset"]["version"] == "30.1"
    assert "O*NET 30.1 Database" in page["attribution"]["text"]
    assert ("Bureau of Labor Statistics" in page["attribution"]["text"]) == (code[:2] != "55")


async def test_nobody_gets_a_derived_task_or_a_label_from_a_release(loaded: Loaded) -> None:
    [found] = await rows(
        loaded.db,
        "SELECT count(*) FILTER (WHERE source <> 'onet') AS derived FROM career_tasks",
    )
    labels = await rows(loaded.db, "SELECT DISTINCT growth_label FROM career_outlook")
    assert (found["derived"], labels) == (0, [{"growth_label": None}])


async def test_mechanical_engineers_are_rated_as_recorded(loaded: Loaded) -> None:
    """The web services' own answers, rounding and order; `samples/v1.9_online_sections_…`."""
    samples = loaded.onet / "samples"
    told = orjson.loads((samples / "v1.9_online_sections_17-2141.00.json").read_bytes())
    activities = await rows(
        loaded.db,
        "SELECT element_id AS id, importance AS value FROM career_work_activities"
        " WHERE onet_code = '17-2141.00' ORDER BY rank LIMIT 3",
    )
    assert activities == [
        {"id": one["id"], "value": one["score"]["value"]}
        for one in told["work_activities"]["element"]
    ]
    [interests] = await rows(
        loaded.db, "SELECT * FROM career_interests WHERE onet_code = '17-2141.00'"
    )
    for one in told["interests"]["element"]:
        letter = one["name"][0].lower()
        assert interests[f"{letter}_score"] == one["score"]["value"]
        assert interests[letter] == (one["name"] == "Realistic")
    assert (interests["top"], interests["code"]) == ("R", "RIC")
    education = await rows(
        loaded.db,
        "SELECT level AS name, percentage FROM career_education_pct"
        " WHERE onet_code = '17-2141.00' ORDER BY rank LIMIT 3",
    )
    assert [row["percentage"] for row in education] == [
        one["score"]["value"] for one in told["education"]["level_required"]["category"]
    ]
    [prep] = await rows(loaded.db, "SELECT * FROM career_prep WHERE onet_code = '17-2141.00'")
    zone = told["job_zone"]
    assert [prep[name] for name in ("job_zone", "job_zone_title", "education", "svp_range")] == [
        zone[name] for name in ("value", "title", "education", "svp_range")
    ]


async def test_chief_executives_are_as_recorded(loaded: Loaded) -> None:
    samples = loaded.onet / "samples"
    told = orjson.loads((samples / "v1.9_mnm_report_11-1011.00.json").read_bytes())["career"]
    page: dict[str, Any] = orjson.loads(
        (await rows(loaded.db, "SELECT page FROM career_pages WHERE onet_code = '11-1011.00'"))[0][
            "page"
        ]
    )
    assert page["also_called"] == told["also_called"]["title"]
    assert [task["task_en"] for task in page["tasks"]][:3] == told["on_the_job"]["task"]
    assert page["header"]["short_desc_en"] == told["what_they_do"]
    assert page["interests"]["top"] == "E"
    assert (page["wages"]["soc_code"], page["wages"]["source_version"]) == ("11-1011", "May 2025")
    assert page["outlook"]["projection_source"] == "BLS Employment Projections 2024-34"
    assert page["outlook"]["openings_est"] == 22_200


async def test_detailed_occupations_share_the_wages_of_their_group(loaded: Loaded) -> None:
    found = await rows(
        loaded.db,
        "SELECT onet_code, soc_code, annual_median, hourly_median FROM career_wages_us"
        " WHERE onet_code IN ('17-2141.00', '17-2141.02', '25-2021.00', '27-2011.00') ORDER BY 1",
    )
    engineers, automotive, teachers, actors = found
    assert engineers["annual_median"] == automotive["annual_median"]
    assert (automotive["soc_code"], teachers["hourly_median"]) == ("17-2141", None)
    assert actors["annual_median"] is None
    assert actors["hourly_median"] > 0


async def test_a_snapshot_holds_every_row(loaded: Loaded, tmp_path: Path) -> None:
    exported = await export_tables(loaded.db, tmp_path)
    assert exported == await counts(loaded.db)
    assert {file.stem for file in tmp_path.iterdir()} == exported.keys()
    lines = (tmp_path / "career_wages_us.csv").read_text().splitlines()
    assert lines[0].startswith("onet_code,soc_code,annual_10,")
    assert len(lines) == exported["career_wages_us"] + 1
