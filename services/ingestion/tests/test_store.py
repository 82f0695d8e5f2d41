"""What is stored: near-copies linked, renewals asked for, old postings forgotten."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from libs.common.contracts.ingestion import ExtractionRequested
from libs.common.testing import Bench
from services.ingestion.commands import retention, store
from services.ingestion.commands.reextract import ask_for_all
from services.ingestion.runs import collect
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally
from services.ingestion.tests.conftest import a_line

WriteFile = Callable[..., Path]


async def load(bench: Bench, path: Path) -> Tally:
    tally = Tally()
    await collect(bench.db, JobFile(path), tally, lambda progress, so_far: None)
    return tally


async def links(bench: Bench) -> dict[int, int | None]:
    """Return of each posting, by the number in its address, which one counts for it."""
    rows = await bench.rows(
        "SELECT posting.url, head.url AS head FROM postings AS posting"
        " LEFT JOIN postings AS head ON head.id = posting.duplicate_of ORDER BY posting.url"
    )
    return {_number(row["url"]): row["head"] and _number(row["head"]) for row in rows}


def _number(url: str) -> int:
    return int(url.rpartition("/")[2])


async def renewed(bench: Bench) -> set[int]:
    """Return whose renewal was asked for since the last time, by number; -1 is one that is gone."""
    asked = [e for e in await bench.published() if isinstance(e, ExtractionRequested)]
    rows = await bench.rows("SELECT id, url FROM postings")
    numbers = {row["id"]: _number(row["url"]) for row in rows}
    await execute(bench, "TRUNCATE outbox")
    return {numbers.get(id_, -1) for event in asked for id_ in event.posting_ids}


async def execute(bench: Bench, statement: str, **values: Any) -> None:
    async with bench.db.write() as session:
        await session.execute(text(statement), values)


_WAITING = """
    SELECT FROM pg_locks AS waiting JOIN pg_locks AS held ON held.pid = waiting.pid
    WHERE NOT waiting.granted AND held.relation = CAST('postings' AS regclass)
"""
SAME = {"title": "Kỹ sư", "description": "Viết mã.", "company": "Công ty A"}


async def test_near_copies_are_linked_to_the_newest(bench: Bench, jsonl: WriteFile) -> None:
    lines = [
        a_line(1, **SAME, date_posted="2026-01-01"),
        a_line(2, **SAME | {"title": "KỸ  SƯ", "company": "cong ty a"}, date_posted="2026-02-01"),
        a_line(3, **SAME | {"description": "viết\n\nmã."}, date_posted=None),
        a_line(4, **SAME | {"company": "Công ty B"}),
        a_line(5, **SAME | {"description": "Viết mã khác."}),
        a_line(6, **SAME | {"title": "Kỹ sư trưởng"}),
        a_line(7, **SAME | {"description": None}),
        a_line(8, **SAME | {"description": None}),
    ]
    await load(bench, jsonl(*lines))
    assert await links(bench) == {1: 2, 2: None, 3: 2} | dict.fromkeys(range(4, 9))
    assert await renewed(bench) == set(range(1, 9))


async def test_links_follow_what_changes(bench: Bench, jsonl: WriteFile) -> None:
    await load(bench, jsonl(a_line(1, **SAME), a_line(2, **SAME), a_line(3, **SAME)))
    assert await links(bench) == {1: None, 2: 1, 3: 1}
    await renewed(bench)
    newest = a_line(4, **SAME, date_posted="2026-05-01")
    await load(bench, jsonl(newest))
    assert await links(bench) == {1: 4, 2: 4, 3: 4, 4: None}
    assert await renewed(bench) == {1, 2, 3, 4}
    await load(bench, jsonl(newest | {"description": "Việc khác."}))
    assert await links(bench) == {1: None, 2: 1, 3: 1, 4: None}
    assert await renewed(bench) == {1, 2, 3, 4}
    await load(bench, jsonl(newest))
    assert await links(bench) == {1: 4, 2: 4, 3: 4, 4: None}


async def test_what_did_not_change_is_neither_written_nor_renewed(
    bench: Bench, jsonl: WriteFile
) -> None:
    file = jsonl(a_line(1, **SAME), a_line(2, **SAME))
    await load(bench, file)
    await renewed(bench)
    everything = "SELECT ctid::text, xmin::text, xmax::text, * FROM {} ORDER BY 4"
    before = [await bench.rows(everything.format(table)) for table in ("postings", "raw_postings")]
    await load(bench, file)
    after = [await bench.rows(everything.format(table)) for table in ("postings", "raw_postings")]
    assert after == before
    assert await renewed(bench) == set()


async def test_a_page_takes_a_few_statements_however_many_postings(
    bench: Bench, jsonl: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = store._run

    async def counting(session: Any, statement: Any, rows: Any, **values: Any) -> None:
        seen.append(len(rows))
        await real(session, statement, rows, **values)

    monkeypatch.setattr(store, "_run", counting)
    await load(bench, jsonl(*(a_line(number) for number in range(400))))
    assert seen == [400, 0, 400]  # new, changed, raw: a statement each


async def test_a_page_that_meets_a_worker_crosswise_is_stored_all_the_same(
    bench: Bench, jsonl: WriteFile
) -> None:
    await load(bench, jsonl(a_line(1), a_line(2)))
    lock = text("SELECT FROM postings WHERE url = :url FOR UPDATE")
    first, last = (f"https://jobs.example/{number}" for number in (1, 2))
    with suppress(OperationalError):  # on a slow day it is the worker that gives way
        async with bench.db.write() as worker:
            await worker.execute(lock, {"url": last})
            changed = jsonl(a_line(1, title="A"), a_line(2, title="B"), name="changed")
            run = asyncio.create_task(load(bench, changed))
            async with asyncio.timeout(10):
                while not await bench.rows(_WAITING):
                    await asyncio.sleep(0.001)
            await worker.execute(lock, {"url": first})  # whoever waited first gives way
    assert (await run).counts() == Tally(jobs=2, pages=1, updated=2).counts()


async def test_raw_is_kept_as_it_was_sent(bench: Bench, jsonl: WriteFile) -> None:
    line = a_line(1, of_its_own={"deep": ["\0", 1.5, None]}, title="  A  ")
    await load(bench, jsonl(line))
    [raw] = await bench.rows("SELECT body, source FROM raw_postings")
    assert raw["body"] == line | {"of_its_own": {"deep": ["", 1.5, None]}}
    await load(bench, jsonl(line | {"of_its_own": 2}))
    [raw] = await bench.rows("SELECT body FROM raw_postings")
    assert raw["body"]["of_its_own"] == 2


async def test_the_skills_of_a_posting_that_changed_are_no_longer_known(
    bench: Bench, jsonl: WriteFile
) -> None:
    await load(bench, jsonl(a_line(1), a_line(2)))
    await execute(bench, "UPDATE postings SET skill_ids = '{1,2}', extractor_version = 1")
    await load(bench, jsonl(a_line(1), a_line(2, description="Khác")))
    rows = await bench.rows("SELECT extractor_version FROM postings ORDER BY url")
    assert [row["extractor_version"] for row in rows] == [1, None]


async def test_old_postings_go_and_a_near_copy_that_stays_counts(
    bench: Bench, jsonl: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    lines = [a_line(n, **SAME) for n in (1, 2)] + [a_line(n, title=f"T{n}") for n in (3, 4, 5)]
    await load(bench, jsonl(*lines))
    await renewed(bench)
    old = "UPDATE postings SET scraped_at = now() - make_interval(days => 91) WHERE url ~ '[134]$'"
    await execute(bench, old)
    assert [await retention.retention.run(bench.db) for _ in range(3)] == [2, 1, 0]
    assert await links(bench) == {2: None, 5: None}
    assert await renewed(bench) == {-1, 2}
    assert len(await bench.rows("SELECT FROM raw_postings")) == 2


async def test_who_hears_of_postings_renews_them(bench: Bench, jsonl: WriteFile) -> None:
    await load(bench, jsonl(*(a_line(number) for number in range(120))))
    asked = [e for e in await bench.published() if isinstance(e, ExtractionRequested)]
    assert [len(event.posting_ids) for event in asked] == [20] * 6
    await bench.hear(*asked)
    rows = await bench.rows("SELECT id FROM postings WHERE extractor_version IS NOT NULL")
    counted = await bench.rows("SELECT posting_id FROM market_facts")
    assert len(rows) == 120
    assert {row["id"] for row in rows} == {row["posting_id"] for row in counted}


async def test_all_postings_can_be_queued_again(
    bench: Bench, jsonl: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingestion.commands.reextract.BATCH", 70)
    await load(bench, jsonl(*(a_line(number) for number in range(200))))
    await renewed(bench)
    await execute(bench, "UPDATE postings SET extractor_version = 1")
    watched: list[tuple[int, int]] = []
    assert await ask_for_all(bench.db, lambda *done: watched.append(done)) == 200
    assert watched == [(70, 200), (140, 200), (200, 200)]
    assert await renewed(bench) == set(range(200))
    assert await bench.rows("SELECT FROM postings WHERE extractor_version IS NOT NULL") == []


def test_retention_is_weekly() -> None:
    assert timedelta(seconds=retention.retention.every) == timedelta(weeks=1)
