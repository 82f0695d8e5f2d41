"""Importing CSV: the same fields by their names, all of them texts."""

import gzip
from pathlib import Path

from libs.common.testing import Bench
from services.ingestion.runs import collect
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally

CSV = """title,url,company,remote,salary_min,salary_max,salary_currency,salary_period,\
technology_slugs
Kỹ sư,https://jobs.example/1,"A, B",yes,1000,2000,USD,month,python sql
"Two
lines",https://jobs.example/2,,,,,,,
Too few,https://jobs.example/3
Bad,https://jobs.example/4,,perhaps,,,,,
Last\0,https://jobs.example/5,,false,,,,,
"""


async def load(bench: Bench, path: Path, limit: int | None = None) -> Tally:
    tally = Tally()
    await collect(bench.db, JobFile(path, limit), tally, lambda progress, so_far: None)
    return tally


async def test_a_csv_is_loaded_plain_or_gzipped(bench: Bench, tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_text(CSV, "utf-8-sig")
    packed.write_bytes(gzip.compress(CSV.encode()))
    tally = await load(bench, plain)
    assert (tally.jobs, tally.new, tally.failed) == (5, 3, 2)
    assert [bad.where for bad in tally.bad_items] == ["line 5", "line 6"]
    rows = await bench.rows("SELECT * FROM postings ORDER BY url")
    assert [row["title"] for row in rows] == ["Kỹ sư", "Two\nlines", "Last"]
    first = rows[0]
    assert (first["company"], first["remote"], first["source"]) == ("A, B", True, "csv")
    assert (first["salary_min"], first["salary_max"]) == (1000, 2000)
    assert first["technology_slugs"] == ["python", "sql"]
    assert rows[1]["remote"] is None
    again = await load(bench, packed)
    assert (again.unchanged, again.failed) == (3, 2)


async def test_a_limit_counts_rows(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(CSV)
    assert (await load(bench, file, limit=2)).jobs == 2
