"""Importing files of postings: real ones, and lines that are none."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from libs.common.alone import UnderWay
from libs.common.contracts.ingestion import ExtractionRequested, IngestionRunCompleted
from libs.common.db import open_database
from libs.common.migrations import differences
from libs.common.service import Runtime, Service
from libs.common.testing import Bench
from services.ingestion.cli import commands
from services.ingestion.models import metadata
from services.ingestion.runs import collect
from services.ingestion.service import service
from services.ingestion.sources.files import MAX_LINE, JobFile
from services.ingestion.sources.shape import SourceStopped
from services.ingestion.tally import SHOWN, Tally
from services.ingestion.tests.conftest import a_line

WriteJsonl = Callable[..., Path]
REAL_LINES = 500


async def load(bench: Bench, path: Path, limit: int | None = None) -> Tally:
    tally = Tally()
    await collect(bench.db, JobFile(path, limit), tally, lambda progress, so_far: None)
    return tally


async def stored(bench: Bench) -> list[dict[str, Any]]:
    """Return the rows, each with its place on disk: a row that was rewritten has another."""
    statement = "SELECT ctid::text, xmin::text, xmax::text, * FROM postings ORDER BY url"
    return [dict(row) for row in await bench.rows(statement)]


async def runs(bench: Bench) -> list[dict[str, Any]]:
    return [dict(row) for row in await bench.rows("SELECT * FROM runs ORDER BY id")]


async def test_real_postings_are_loaded_and_a_second_import_changes_none(
    bench: Bench, shared_data: Path
) -> None:
    file = shared_data / "postings" / "postings.jsonl.gz"
    first = await load(bench, file, REAL_LINES)
    assert first.counts() == Tally(jobs=REAL_LINES, pages=1, new=REAL_LINES).counts()
    before = await stored(bench)
    with gzip.open(file) as lines:
        real = [json.loads(line) for line in islice(lines, REAL_LINES)]
    titles = {line["url"].rstrip("/"): line["title"].strip() for line in real}
    assert {row["url"]: row["title"] for row in before} == titles
    again = await load(bench, file, REAL_LINES)
    assert again.counts() == Tally(jobs=REAL_LINES, pages=1, unchanged=REAL_LINES).counts()
    assert await stored(bench) == before


async def test_a_run_is_kept_and_told_with_its_counts(bench: Bench, jsonl: WriteJsonl) -> None:
    await load(bench, jsonl(a_line(1), a_line(2)))
    await load(bench, jsonl(a_line(1), a_line(2, title="Khác"), a_line(3), a_line(url=None), b"{"))
    counts = {"new": 1, "updated": 1, "unchanged": 1, "skipped": 1, "failed": 1}
    first, second = await runs(bench)
    assert {name: second[name] for name in counts} == counts
    assert second["source"] == "jsonl"
    assert second["started_at"] < second["finished_at"]
    told = {"source": "jsonl", "new": 1, "updated": 1, "unchanged": 1, "skipped": 1}
    said = [
        event for event in await bench.published() if not isinstance(event, ExtractionRequested)
    ]
    assert said == [
        IngestionRunCompleted(
            run_id=first["id"], source="jsonl", new=2, updated=0, unchanged=0, skipped=0
        ),
        IngestionRunCompleted(run_id=second["id"], **told),
    ]


async def test_an_updated_posting_overwrites_and_keeps_its_id(
    bench: Bench, jsonl: WriteJsonl
) -> None:
    await load(bench, jsonl(a_line()))
    [before] = await stored(bench)
    changed = a_line(url="HTTPS://jobs.example:443/1/?utm_source=mail", company=None, remote=True)
    assert (await load(bench, jsonl(changed))).updated == 1
    [after] = await stored(bench)
    assert (after["id"], after["scraped_at"]) == (before["id"], before["scraped_at"])
    assert after["updated_at"] > before["updated_at"]
    assert (after["company"], after["company_folded"], after["remote"]) == (None, None, True)


async def test_of_a_posting_repeated_in_a_file_the_last_one_counts(
    bench: Bench, jsonl: WriteJsonl
) -> None:
    tally = await load(bench, jsonl(a_line(title="First"), a_line(2), a_line(title="Last")))
    assert (tally.new, tally.skipped) == (2, {"repeated": 1})
    assert [row["title"] for row in await stored(bench)] == ["Last", "Kỹ sư phần mềm 2"]


async def test_lines_that_are_no_postings_are_counted_with_their_reasons(
    bench: Bench, jsonl: WriteJsonl
) -> None:
    lines: list[dict[str, Any] | bytes] = [
        a_line(1),
        b"{not json",
        b"[]",
        b"",
        b'{"title": "\xff", "url": "https://jobs.example/x"}',
        b'{"title": "\\ud800", "url": "https://jobs.example/y"}',
        a_line(title=["a", "list"]),
        a_line(date_posted="yesterday"),
        a_line(remote="perhaps"),
        b'{"title": "' + b"x" * (2 * MAX_LINE) + b'"}',
        a_line(url="  "),
        a_line(url="ftp://jobs.example/1"),
        a_line(url="https://jobs.example/" + "x" * 3000),
        a_line(title="\0 "),
        a_line(2),
    ]
    tally = await load(bench, jsonl(*lines))
    assert (tally.new, tally.failed) == (2, 8)
    assert [bad.where for bad in tally.bad_items] == [f"line {n}" for n in (2, 3, *range(5, 11))]
    assert tally.bad_items[4].reason.startswith("title ")
    assert tally.skipped == {
        "no URL": 1,
        "no title": 1,
        "the URL is no web address": 1,
        "the URL is longer than 2000 characters": 1,
    }
    assert [row["url"] for row in await stored(bench)] == [a_line(1)["url"], a_line(2)["url"]]


async def test_nul_is_left_out_texts_are_cut_and_composed_and_the_rest_is_optional(
    bench: Bench, jsonl: WriteJsonl
) -> None:
    odd = a_line(1, title="A\0B" + "x" * 600, company="Cafe\u0301", description="y" * 200_000)
    bare = b'\xef\xbb\xbf{"title": "Bare", "url": "https://jobs.example/2", "other": 1}'
    assert (await load(bench, jsonl(bare, odd))).new == 2
    first, second = await stored(bench)
    assert (first["title"], first["company"]) == ("AB" + "x" * 498, "Café")
    assert len(first["description"]) == 100_000
    assert (second["title"], second["source"]) == ("Bare", "jsonl")
    optional = ("company", "location", "description", "date_posted", "salary_string", "remote")
    assert {second[name] for name in optional} == {None}


async def test_a_damaged_file_is_stored_up_to_the_damage(bench: Bench, jsonl: WriteJsonl) -> None:
    file = jsonl(*(a_line(number) for number in range(2000)), packed=True)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(SourceStopped, match="is damaged"):
        await load(bench, file)
    [run] = await runs(bench)
    assert run["state"] == "stopped"
    assert "is damaged" in run["error"]
    assert run["new"] == len(await stored(bench)) >= 500
    assert not [said for said in await bench.published() if said.event_name.endswith("completed")]


async def test_a_run_over_a_file_that_has_changed_since_begins_anew(
    bench: Bench, jsonl: WriteJsonl
) -> None:
    file = jsonl(*(a_line(number) for number in range(2000)), packed=True)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(SourceStopped):
        await load(bench, file)
    tally = await load(bench, jsonl(a_line(1), packed=True))
    assert (tally.jobs, tally.unchanged) == (1, 1)
    assert [run["state"] for run in await runs(bench)] == ["failed", "finished"]


async def test_a_second_run_at_the_same_time_is_refused(bench: Bench, jsonl: WriteJsonl) -> None:
    file = jsonl(*(a_line(number) for number in range(1200)))

    runs = await asyncio.gather(load(bench, file), load(bench, file), return_exceptions=True)
    done, refused = sorted(runs, key=lambda result: isinstance(result, BaseException))
    assert isinstance(done, Tally)
    assert done.new == len(await stored(bench)) == 1200
    assert isinstance(refused, UnderWay)
    assert (await load(bench, file)).unchanged == 1200


async def test_memory_does_not_grow_with_the_file(bench: Bench, jsonl: WriteJsonl) -> None:
    async def peak(size: int) -> int:
        numbers = range(size * 10, size * 11)  # new ones each time
        lines = (a_line(number, description="z" * 4000) for number in numbers)
        file = jsonl(*lines, packed=True)
        tracemalloc.start()
        assert (await load(bench, file)).failed == 0
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    await peak(500)
    assert await peak(4000) < 1.5 * await peak(1000)


async def run(bench: Bench, url: str, *arguments: str) -> Result:
    """Run `waymark ingestion …` as the command line does: in a thread, with a loop of its own."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Runtime]:
        runtime = replace(bench.runtime, db=open_database(url, service.name))
        try:
            yield runtime
        finally:
            await runtime.db.close()

    return await asyncio.to_thread(CliRunner().invoke, commands, arguments, obj=opened)


async def test_the_command_prints_a_summary_and_stops_at_its_limit(
    bench: Bench, migrated: Callable[[Service], str], jsonl: WriteJsonl
) -> None:
    file = jsonl(a_line(1), b"?", a_line(url=None), a_line(4), packed=True)
    result = await run(bench, migrated(service), "import", str(file), "--limit", "3")
    assert result.exit_code == 0, result.output
    summary, skipped, bad = result.stdout.splitlines()
    assert summary == (
        "3 jobs, 1 pages, 0 credits, 1 new, 0 updated, 0 unchanged, 1 skipped, 1 failed"
    )
    assert skipped == "  skipped 1: no URL"
    assert bad.startswith("  line 2: Invalid JSON")
    assert "postings" in result.stderr
    assert len(await stored(bench)) == 1


async def test_the_command_says_in_a_sentence_that_a_file_is_damaged(
    bench: Bench, migrated: Callable[[Service], str], tmp_path: Path
) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"{}\n")[:-4])
    result = await run(bench, migrated(service), "import", str(tmp_path / "cut.gz"))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert "is damaged" in result.stderr


async def test_the_command_fails_where_nothing_in_a_file_is_a_posting(
    bench: Bench, migrated: Callable[[Service], str], jsonl: WriteJsonl
) -> None:
    result = await run(bench, migrated(service), "import", str(jsonl(b"code\ttitle", b"1\t2")))
    assert result.exit_code == 1
    assert "2 failed" in result.stdout
    assert result.stderr.splitlines()[-1] == "Error: nothing in it is a posting: JSON Lines or CSV?"
    assert (await run(bench, migrated(service), "import", str(jsonl()))).exit_code == 0


async def test_a_summary_names_only_the_first_bad_lines(bench: Bench, jsonl: WriteJsonl) -> None:
    tally = await load(bench, jsonl(*[b"?"] * 600))
    assert tally.failed == 600
    assert len(str(tally).splitlines()) == 1 + SHOWN


def test_the_migrations_make_what_the_models_say(migrated: Callable[[Service], str]) -> None:
    assert differences(migrated(service), service.name, metadata) == []
