"""The crawl over the fake: what is asked, what is stored, and what a second one finds to do."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest

from libs.common import clock
from libs.common.testing import Bench
from services.careers.etl import ledger
from services.careers.etl.client import TRIES, CrawlStopped
from services.careers.etl.fetch import AT_ONCE, Crawl, crawl, listed, reach
from services.careers.etl.shape import Format, Mode
from services.careers.models import EtlRun
from services.careers.tests.fake_onet import mnm, online
from services.careers.tests.fake_onet.server import (
    HTML_503,
    NO_DATA,
    FakeOnet,
    Fault,
    redirect,
)
from services.careers.tests.upstream.varied import ALL_OTHER, CEO, MILITARY, SCIENTIST, VARIED
from services.careers.tests.upstream.whole_runs import knobs

FEW = (CEO, SCIENTIST, ALL_OTHER, MILITARY)


async def run(
    bench: Bench,
    fake: FakeOnet,
    mode: Mode = Mode.HYBRID,
    codes: Sequence[str] = FEW,
    version: Format = "v2",
) -> tuple[Crawl, UUID]:
    """Crawl as a run of the ledger."""
    async with bench.db.write() as session:
        entry = EtlRun(mode=mode, codes=[*codes], state="running", started_at=clock.now())
        await ledger.enter(session, entry)
    run_id = entry.id
    async with reach(knobs(fake, version)) as upstream:
        return await crawl(upstream, mode, codes, bench.db.write, run_id, lambda _: None), run_id


async def stored(bench: Bench) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """Return what is stored by occupation, source and section; with its place on disk."""
    rows = await bench.rows("SELECT ctid::text AS place, xmin::text AS by, * FROM etl_raw")
    return {(row["onet_code"], row["source"], row["section"]): row for row in rows}


async def test_the_list_has_all_occupations(fake: FakeOnet) -> None:
    async with reach(knobs(fake)) as upstream:
        codes = await listed(upstream)
    assert len(codes) == len(set(codes)) == 1016
    assert set(VARIED) < set(codes)


@pytest.mark.parametrize("fault", [NO_DATA, HTML_503, Fault(edit=lambda _: {"occupation": []})])
async def test_without_the_list_there_is_no_crawl(fake: FakeOnet, fault: Fault) -> None:
    fake.always("online/occupations", fault)
    async with reach(knobs(fake)) as upstream:
        with pytest.raises(CrawlStopped, match="the list of occupations"):
            await listed(upstream)


async def test_what_an_occupation_has_is_fetched_and_nothing_else(
    bench: Bench, fake: FakeOnet
) -> None:
    done, _ = await run(bench, fake)
    assert (done.fetched, done.failed) == (4, {})
    found = defaultdict[tuple[str, str], set[str]](set)
    for code, source, section in await stored(bench):
        found[code, source].add(section)
    career = {"occupation", "overview", *mnm.CAREER}
    details = {"overview", "interest_code", *online.DETAILS}
    rated = {"knowledge", "skills", "abilities", "work_activities", "work_context"}
    assert found == {
        (CEO, "mnm"): career,
        (CEO, "online"): details,
        (SCIENTIST, "mnm"): career - rated,
        (SCIENTIST, "online"): details - rated - {"education"},
        (ALL_OTHER, "mnm"): {"occupation"},
        (ALL_OTHER, "online"): {"overview"},
        (MILITARY, "mnm"): {"occupation"},
        (MILITARY, "online"): {"overview"},
    }
    assert len(fake.asked) == len(set(fake.asked)), "an answer was asked for twice"
    assert not [path for path in fake.asked if "check_out_my_state" in path]
    # The 93 have no career there (asked, and stored as nothing); /about is the first question.
    assert len(fake.asked) == 1 + done.written - len(FEW) + 2
    assert fake.most_at_once <= AT_ONCE


async def test_the_answers_themselves_are_stored(bench: Bench, fake: FakeOnet) -> None:
    await run(bench, fake)
    row = (await stored(bench))[CEO, "online", "tasks"]
    assert (row["format"], row["release"]) == ("v2", "2.1")
    body = orjson.loads(row["body"])
    assert body["task"][0]["id"] == "8823"
    assert len(body["task"]) == 31


async def test_pages_are_put_together(bench: Bench, fake: FakeOnet) -> None:
    await run(bench, fake)
    whole = await stored(bench)
    fake.forget()
    fake.most = 7
    again, _ = await run(bench, fake)
    assert again.written == 0
    assert await stored(bench) == whole
    assert len(fake.asked) > 1 + len(whole)


async def test_a_second_crawl_writes_nothing(bench: Bench, fake: FakeOnet) -> None:
    first, _ = await run(bench, fake)
    before = await stored(bench)
    assert first.written == len(before)
    again, _ = await run(bench, fake)
    assert (again.fetched, again.written) == (4, 0)
    assert await stored(bench) == before


async def test_only_what_differs_is_written(bench: Bench, fake: FakeOnet) -> None:
    await run(bench, fake)
    before = await stored(bench)
    fake.script(
        f"online/occupations/{CEO}/details/tasks",
        Fault(edit=lambda body: body | {"task": body["task"][:-1]}),
    )
    fake.script(f"mnm/careers/{CEO}/technology", NO_DATA)
    done, _ = await run(bench, fake)
    after = await stored(bench)
    assert done.written == 2
    assert before.keys() - after.keys() == {(CEO, "mnm", "technology")}
    assert [key for key in after if after[key] != before[key]] == [(CEO, "online", "tasks")]


async def test_one_that_cannot_be_fetched_does_not_keep_the_others(
    bench: Bench, fake: FakeOnet
) -> None:
    fake.always(f"online/occupations/{SCIENTIST}/details/tasks", HTML_503)
    fake.script(f"mnm/careers/{CEO}/", redirect("http://localhost:1/"))
    fake.always(f"online/occupations/{MILITARY}/", Fault(edit=lambda _: [1]))
    done, run_id = await run(bench, fake)
    assert done.fetched == 1
    assert f"answered 503, {TRIES} times" in done.failed[SCIENTIST]
    assert "leads to another host, localhost: not followed" in done.failed[CEO]
    assert "is answered in a shape unknown here" in done.failed[MILITARY]
    assert {code for code, *_ in await stored(bench)} == {ALL_OTHER}
    async with bench.db.write() as session:
        assert await ledger.crawled(session, run_id) == {ALL_OTHER}


async def test_a_crawl_that_is_stopped_keeps_what_it_has(bench: Bench, fake: FakeOnet) -> None:
    fake.script(f"mnm/careers/{VARIED[-1]}/", Fault(403, b"<html>suspended</html>"))
    with pytest.raises(CrawlStopped, match="refuses the credentials"):
        await run(bench, fake, codes=VARIED)
    kept = {code for code, *_ in await stored(bench)}
    assert len(VARIED) - AT_ONCE <= len(kept) < len(VARIED)
    [row] = await bench.rows("SELECT id FROM etl_runs")
    async with bench.db.write() as session:
        assert await ledger.crawled(session, row["id"]) == kept


@pytest.mark.parametrize(
    ("mode", "version", "sources"),
    [
        (Mode.MNM, "v2", {"mnm"}),
        (Mode.ONLINE, "v2", {"online"}),
        (Mode.MNM, "v1.9", {"mnm"}),
        (Mode.ONLINE, "v1.9", {"online"}),
        (Mode.HYBRID, "v1.9", {"mnm", "online"}),
    ],
)
async def test_each_mode_asks_its_own_sources(
    bench: Bench, fake: FakeOnet, mode: Mode, version: Format, sources: set[str]
) -> None:
    done, _ = await run(bench, fake, mode, version=version)
    found = await stored(bench)
    assert done.fetched == 4
    assert {source for _, source, _ in found} == sources
    assert {row["format"] for row in found.values()} == {version}
    if mode is Mode.MNM:
        assert not [path for path in fake.asked if "/details/" in path]
    if version == "v1.9" and mode is not Mode.ONLINE:
        assert (CEO, "mnm", "report") in found


async def test_an_unknown_code_is_nothing(bench: Bench, fake: FakeOnet) -> None:
    done, _ = await run(bench, fake, codes=["99-9999.00"])
    assert (done.fetched, done.written, done.failed) == (1, 0, {})


async def test_a_slow_upstream_is_asked_a_few_things_at_a_time(
    bench: Bench, fake: FakeOnet
) -> None:
    fake.pace = 0.02
    async with asyncio.timeout(30):
        await run(bench, fake, codes=VARIED, mode=Mode.MNM)
    assert fake.most_at_once == AT_ONCE
