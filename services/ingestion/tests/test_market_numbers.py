"""Every number of the market, over real postings that come, change, double and go in any order."""

import asyncio
import gzip
import json
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.ingestion import MarketRefreshed
from libs.common.events import Message
from libs.common.identity import Role
from libs.common.messaging import InboxWorker
from libs.common.reference.lookup import name_of
from libs.common.testing import Bench, signed_in
from services.ingestion.commands import retention
from services.ingestion.commands.reextract import ask_for_all
from services.ingestion.market.purge import BATCH, purge
from services.ingestion.runs import collect
from services.ingestion.service import service
from services.ingestion.sources.files import JobFile
from services.ingestion.tally import Tally
from services.ingestion.tests import recomputed

WriteJsonl = Callable[..., Path]
ALL, SOME, ROUNDS, WORKERS = 14_789, 400, 4, 3
ROLES = ("Software Engineer", "Backend Developer", "Frontend Developer", "Full Stack Developer")
TRADES = {
    "Backend Developer": "Back-end development",
    "Frontend Developer": "Front-end development",
    "Full Stack Developer": "Full-stack development",
}
SLUGS = ("python", "react", "postgresql", "aws", "kubernetes")


async def ask(bench: Bench, path: str, **query: Any) -> Any:
    answer = await bench.client.get(f"/api/v1/market/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def real(shared_data: Path, by: random.Random, some: int = SOME) -> list[dict[str, Any]]:
    """Return postings of life, posted in the last year; with slugs, which these have not."""
    with gzip.open(shared_data / "postings" / "postings.jsonl.gz") as lines:
        found = [json.loads(line) for line in islice(lines, 0, ALL, ALL // some)]
    today = clock.now().date()
    for one in found:
        one["date_posted"] = str(today - timedelta(days=int(by.random() ** 2 * 400)))
        one["technology_slugs"] = by.sample(SLUGS, by.randrange(4))
        one["remote"] = by.choice([one["remote"], None])
        one["description"] = one["description"][:1500]
    return found


def altered(line: dict[str, Any], by: random.Random, number: int) -> dict[str, Any]:
    """Return a posting after a change, or a near-copy of it under another address."""
    match by.randrange(4):
        case 0:
            return line | {"title": f"Senior Data Engineer {number}"}
        case 1:
            return line | {"location": by.choice(["Hà Nội", "Remote", "Berlin", "Austin, TX"])}
        case 2:
            return line | {"salary_string": f"${by.randrange(90, 200)}k/year", "remote": True}
        case _:
            return line | {"url": f"https://copies.example/{number}", "date_posted": None}


async def load(bench: Bench, file: Path) -> None:
    await collect(bench.db, JobFile(file), Tally(), lambda progress, so_far: None)


async def told(bench: Bench, by: random.Random) -> list[Message]:
    """Take what was asked for out of the outbox, some of it twice, in any order."""
    messages = [Message.of(event) for event in await bench.published()]
    async with bench.db.write() as session:
        await session.execute(text("TRUNCATE outbox"))
    messages += by.sample(messages, len(messages) // 4)
    by.shuffle(messages)
    return messages


async def worked_off(bench: Bench, messages: list[Message]) -> None:
    """Have several workers take them at once, and then what they left to do."""
    workers = [InboxWorker(bench.db, service.listeners) for _ in range(WORKERS)]
    takers = [
        worker.accept([message])
        for n, worker in enumerate(workers)
        for message in messages[n::WORKERS]
    ]
    for start in range(0, len(takers), WORKERS):
        await asyncio.gather(*takers[start : start + WORKERS])
    while await bench.worker.pending():
        await asyncio.gather(*(worker.step() for worker in workers))
    await bench.settle()


async def test_every_number_is_that_of_the_stored_postings(
    bench: Bench, shared_data: Path, jsonl: WriteJsonl
) -> None:
    by = random.Random(7)  # noqa: S311
    await come_change_and_go(bench, real(shared_data, by), by, jsonl)
    for days in (1, 2, 7, 30, 64, 91, 200, 364, 365):
        await compare(bench, days)


@pytest.mark.soak
async def test_every_number_of_all_real_postings(
    bench: Bench, shared_data: Path, jsonl: WriteJsonl
) -> None:
    by = random.Random(9)  # noqa: S311
    await come_change_and_go(bench, real(shared_data, by, ALL), by, jsonl)
    for days in range(1, 366, 13):
        await compare(bench, days)


async def come_change_and_go(
    bench: Bench, lines: list[dict[str, Any]], by: random.Random, jsonl: WriteJsonl
) -> None:
    for number in range(ROUNDS):
        fresh = lines[number::ROUNDS]
        seen = [line for other in range(number) for line in lines[other::ROUNDS]]
        again = [altered(line, by, n) for n, line in enumerate(by.sample(seen, len(seen) // 4))]
        loading = load(bench, jsonl(*fresh, *again, name=f"{number}.jsonl"))
        await asyncio.gather(loading, worked_off(bench, await told(bench, by)))
        await worked_off(bench, await told(bench, by))
    await forget_some(bench)
    await ask_for_all(bench.db, lambda done, all_: None)
    await worked_off(bench, await told(bench, by))
    assert not await bench.rows("SELECT FROM inbox WHERE state <> 'done'")
    assert await bench.rows("SELECT FROM postings WHERE duplicate_of IS NOT NULL")


async def forget_some(bench: Bench) -> None:
    old = (
        "UPDATE postings SET scraped_at = now() - interval '900 days'"
        " WHERE get_byte(content_hash, 0) < 40"
    )
    async with bench.db.write() as session:
        await session.execute(text(old))
    assert await retention.retention.run(bench.db) > 10


async def compare(bench: Bench, days: int) -> None:
    rows = await recomputed.counting(bench, days)
    trends = await ask(bench, "trending", days=days, skills_limit=50, locations_limit=30)
    if len(rows) < 10:
        assert trends["insufficient_data"] == "TOO_FEW_POSTINGS"
        assert trends["top_skills"] == trends["top_locations"] == trends["top_technologies"] == []
        return
    expected = recomputed.trending(rows, 50, 30)
    assert {name: trends[name] for name in expected} == expected
    paid = recomputed.salaries(rows)
    assert sum(one["count"] for one in trends["salary_ranges"]) in {len(paid), 0}
    for one in trends["salary_ranges"]:
        inside = [p for p in paid if one["least"] <= p < (one["below"] or p + 1)]
        assert one["count"] == len(inside)
    few = await ask(bench, "trending", days=days, skills_limit=5, locations_limit=2)
    assert few["top_skills"] == trends["top_skills"][:5]
    assert few["top_locations"] == trends["top_locations"][:2]
    assert (await ask(bench, "roles", days=days))["roles"] == recomputed.role_counts(rows)
    whole = await ask(bench, "salaries", days=days)
    assert {name: whole[name] for name in recomputed.pay(0, [])} == recomputed.pay(len(rows), paid)
    for skill, _ in recomputed.skill_counts(rows).most_common(3):
        drawn = await ask(bench, "series", skill=name_of(skill), days=days)
        seen = [(point["postings"], point["count"]) for point in drawn["points"]]
        assert seen == recomputed.series(rows, skill, drawn["points"])
        assert sum(point["postings"] for point in drawn["points"]) == len(rows)
    for role in ROLES:
        await compare_role(bench, recomputed.of_role(rows, role), role, days)


async def compare_role(bench: Bench, rows: list[Any], role: str, days: int) -> None:
    said = await ask(bench, "salaries", role=role, days=days)
    expected = recomputed.pay(len(rows), recomputed.salaries(rows))
    assert {name: said[name] for name in expected} == expected
    query: dict[str, str | float] = {"role": role, "days": days, "threshold": 0.1}
    me = signed_in(Role.CANDIDATE)
    answer = await bench.client.get("/internal/demand", params=query, headers=me)
    if len(rows) < 10:
        assert answer.status_code == 404
        return
    found = answer.json()
    assert (found["postings"], found["window_days"]) == (len(rows), days)
    shares = {one["skill_id"]: one["percentage"] for one in found["skills"]}
    asked = recomputed.required(rows, 0.1)
    trade = next((k for k in asked if name_of(k) == TRADES.get(role)), None)
    assert (trade is None) == (role not in TRADES)
    assert shares == {k: round(v, 2) for k, v in asked.items() if k != trade}
    assert [*shares.values()] == sorted(shares.values(), reverse=True)


async def test_nothing_is_left_of_postings_that_are_gone(
    bench: Bench, shared_data: Path, jsonl: WriteJsonl
) -> None:
    by = random.Random(8)  # noqa: S311
    await load(bench, jsonl(*real(shared_data, by)[:60]))
    await worked_off(bench, await told(bench, by))
    refreshed = [e for e in await bench.published() if isinstance(e, MarketRefreshed)]
    assert sum(event.postings for event in refreshed) == 60
    async with bench.db.write() as session:
        await session.execute(text("UPDATE postings SET scraped_at = '2001-01-01'"))
    await retention.retention.run(bench.db)
    await worked_off(bench, await told(bench, by))
    for table in ("market_facts", "role_postings"):
        assert not await bench.rows(f"SELECT FROM {table}")
    empty = await bench.rows("SELECT FROM rollups")
    assert await purge.run(bench.db) == min(len(empty), BATCH)
    while await purge.run(bench.db):
        pass
    assert not await bench.rows("SELECT FROM rollups")
