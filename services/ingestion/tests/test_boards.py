"""The free boards: each feed's shape read right, its pages, and its faults."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from libs.common.testing import Bench
from services.ingestion.runs import collect
from services.ingestion.sources import lever
from services.ingestion.sources.arbeitnow import Arbeitnow
from services.ingestion.sources.greenhouse import Greenhouse
from services.ingestion.sources.lever import Lever
from services.ingestion.sources.markup import plain
from services.ingestion.sources.remotive import Remotive
from services.ingestion.sources.shape import JobSource, SourceStopped
from services.ingestion.tally import Tally
from services.ingestion.tests.fake_boards import (
    FakeBoards,
    arbeitnow_job,
    greenhouse_job,
    lever_posting,
    remotive_job,
)
from services.ingestion.tests.fake_http import Reply, serving

Open = Callable[[httpx.AsyncClient], JobSource]
SOURCES: dict[str, Open] = {
    "greenhouse": lambda http: Greenhouse(http, ["acme", "gone"]),
    "lever": lambda http: Lever(http, ["acme", "gone"]),
    "remotive": Remotive,
    "arbeitnow": Arbeitnow,
}
MAKE: dict[str, Callable[..., dict[str, Any]]] = {
    "greenhouse": greenhouse_job,
    "lever": lever_posting,
    "remotive": remotive_job,
    "arbeitnow": arbeitnow_job,
}
EXPECTED: dict[str, dict[str, Any]] = {
    "greenhouse": {
        "company": "acme",
        "location": "Berlin, Germany",
        "description": "Build & run\n\n- Python",
        "url": "https://boards.greenhouse.io/acme/jobs/4000001",
        "external_id": "4000001",
        "remote": None,
    },
    "lever": {
        "company": "acme",
        "location": "Hà Nội",
        "country_code": "VN",
        "description": "Intro\n\nYou know\n\n- Python\n- SQL\n\nWe are kind.",
        "url": "https://jobs.lever.co/acme/1",
        "remote": True,
        "salary_min": 100_000,
        "salary_max": 120_000,
        "salary_currency": "USD",
        "salary_period": "year",
    },
    "remotive": {
        "company": "Acme",
        "location": "Worldwide",
        "description": "Write Python.",
        "url": "https://remotive.com/remote-jobs/software-dev/engineer-1",
        "salary_string": "$100k - $120k",
        "remote": True,
        "technology_slugs": ["python", "django"],
    },
    "arbeitnow": {
        "company": "Acme GmbH",
        "location": "Berlin",
        "external_id": "engineer-1",
        "remote": False,
    },
}
each_board = pytest.mark.parametrize("name", SOURCES)


def boards(name: str, *jobs: Any) -> FakeBoards:
    given: dict[str, Any] = {"remotive": [*jobs], "arbeitnow": [[*jobs]]}
    return FakeBoards(**{name: given.get(name, {"acme": [*jobs]})})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ingestion.sources.http._LONGEST_PAUSE", 0.01)


async def run(bench: Bench, fake: FakeBoards, name: str) -> Tally:
    tally = Tally()
    async with serving(fake.answer) as url, httpx.AsyncClient(base_url=url) as http:
        await collect(bench.db, SOURCES[name](http), tally, lambda progress, so_far: None)
    return tally


async def stored(bench: Bench) -> list[dict[str, Any]]:
    return [dict(row) for row in await bench.rows("SELECT * FROM postings ORDER BY url")]


@each_board
async def test_a_feed_is_read_as_it_is(bench: Bench, name: str) -> None:
    tally = await run(bench, boards(name, MAKE[name](1)), name)
    assert tally.new == 1, tally
    [posting] = await stored(bench)
    assert posting["title"] == "Engineer 1"
    assert posting["date_posted"].isoformat() in {"2026-11-18", "2026-11-19", "2026-11-20"}
    assert posting["source"] == name
    assert {field: posting[field] for field in EXPECTED[name]} == EXPECTED[name]
    [raw] = await bench.rows("SELECT * FROM raw_postings")
    assert raw["body"] == MAKE[name](1)


@each_board
async def test_one_bad_item_fails_alone_and_blanks_are_no_fault(bench: Bench, name: str) -> None:
    make = MAKE[name]
    key = "slug" if name == "arbeitnow" else "id"
    bare = {field: told for field, told in make(3).items() if "itle" in field or "rl" in field}
    bare |= {key: make(3)[key], "text": "Engineer 3", "created_at": "x", "createdAt": -1}
    fake = boards(name, make(1), "text", make(2) | {key: None}, bare | {"salaryRange": 5})
    tally = await run(bench, fake, name)
    missing = 1 if name in {"greenhouse", "lever"} else 0  # the board that is gone
    assert (tally.new, tally.failed) == (2, 2 + missing), tally
    assert len(await stored(bench)) == 2


@pytest.mark.parametrize("name", ["greenhouse", "lever"])
async def test_a_board_that_is_gone_does_not_keep_the_others_back(bench: Bench, name: str) -> None:
    tally = await run(bench, boards(name, MAKE[name](1)), name)
    [bad] = tally.bad_items
    assert (bad.where, bad.reason.split(":")[0]) == ("gone", "404")


@each_board
async def test_a_fault_is_overcome_or_stops_the_run(bench: Bench, name: str) -> None:
    fake = boards(name, MAKE[name](1))
    passing = [Reply(503, b"<html>"), Reply(429, {}, {"Retry-After": "0"}), Reply(200, b"{")]
    fake.faults = [*passing]
    assert (await run(bench, fake, name)).new == 1
    fake.faults = [Reply(500, {})] * 4
    with pytest.raises(SourceStopped):
        await run(bench, fake, name)
    assert (await run(bench, fake, name)).unchanged == 1


async def test_lever_is_paged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lever, "PAGE", 3)
    fake = FakeBoards(lever={"acme": [lever_posting(number) for number in range(7)]})
    tally = await run(bench, fake, "lever")
    assert (tally.new, tally.pages) == (7, 4)  # the last is of the site that is gone
    assert [asked.query["skip"] for asked in fake.asked] == ["0", "3", "6", "0"]


async def test_a_stopped_run_over_pages_goes_on_at_its_page(bench: Bench) -> None:
    fake = FakeBoards(arbeitnow=[[arbeitnow_job(1)], [arbeitnow_job(2)], [arbeitnow_job(3)]])
    fake.faults = [None, *[Reply(500, {})] * 4]
    with pytest.raises(SourceStopped):
        await run(bench, fake, "arbeitnow")
    fake.asked.clear()
    assert (await run(bench, fake, "arbeitnow")).new == 3
    assert [asked.query["page"] for asked in fake.asked] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>A</h1><p>b&nbsp;c</p>d<br>e", "A\n\nb c\nd\ne"),
        ("<ul><li>one</li>\n<li>two <b>three</b></li></ul>", "- one\n- two three"),
        ("<style>p{}</style><p>x &lt;y&gt;</p>", "x <y>"),
        ("", None),
        ("no tags\n at all", "no tags at all"),
        (None, None),
    ],
)
def test_html_becomes_text(html: str | None, text: str | None) -> None:
    assert plain(html) == text
