"""The list of jobs read page by page, by its links, while jobs come and go."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.ids import NIL, new_id
from libs.common.testing import Bench
from services.jobs.queries import _PAGE
from services.jobs.search import Wanted, behind, conditions
from services.jobs.tests.samples import find, posted

PATH = "/api/v1/jobs"


async def pages(bench: Bench, query: str) -> AsyncIterator[list[str]]:
    """Yield the titles on each page, from the first to the last."""
    url = f"{PATH}?{query}"
    for _ in range(20):
        answer = await bench.client.get(url)
        assert answer.status_code == 200, answer.text
        yield [job["title"] for job in answer.json()["data"]]
        if "next" not in answer.links:
            return
        url = answer.links["next"]["url"]
    pytest.fail("the links lead on for ever")


@pytest.fixture
async def seven(bench: Bench) -> Bench:
    """A bench with seven jobs; several were posted at one instant."""
    for number in range(7):
        await posted(bench, info={"title": f"job {number}"})
    async with bench.db.write() as session:
        await session.execute(
            text("""
                UPDATE jobs SET posted_at = timestamptz '2026-01-01 07:00:00.000001+00'
                    + CAST(right(title, 1) AS integer) / 3 * interval '1 microsecond'
            """)
        )
    return bench


@pytest.mark.parametrize("limit", range(1, 9))
@pytest.mark.parametrize("filters", ["", "&q=job&loc=hcm&skill=java&skill=spring+boot&cat=5"])
async def test_each_old_job_is_met_once_whatever_arrives(
    seven: Bench, limit: int, filters: str
) -> None:
    old, met = await find(seven), []
    async for titles in pages(seven, f"limit={limit}{filters}"):
        assert 0 < len(titles) <= limit
        met += titles
        await posted(seven, info={"title": "new job"})
    assert met == old == [f"job {number}" for number in reversed(range(7))]


async def test_a_job_that_closes_hides_no_other(seven: Bench) -> None:
    met = []
    async for titles in pages(seven, "limit=2"):
        met += titles
        async with seven.db.write() as session:
            closing = text("UPDATE jobs SET status = 'Closed' WHERE title = ANY(:titles)")
            await session.execute(closing, {"titles": titles})
    assert met == [f"job {number}" for number in reversed(range(7))]


async def test_the_total_is_of_the_whole_list(seven: Bench) -> None:
    first = await seven.client.get(f"{PATH}?limit=4")
    last = await seven.client.get(first.links["next"]["url"])
    assert (len(last.json()["data"]), last.headers["X-Total-Count"]) == (3, "7")
    assert last.json()["message"] == "Tìm thấy 7 kết quả phù hợp"
    assert "Link" not in last.headers


async def test_who_pages_by_offset_stays_with_it(seven: Bench) -> None:
    answer = await seven.client.get(f"{PATH}?limit=2&offset=4")
    assert answer.headers["Link"] == f'<{PATH}?limit=2&offset=6>; rel="next"'
    last = await seven.client.get(answer.links["next"]["url"])
    assert (len(last.json()["data"]), "Link" in last.headers) == (1, False)


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    ["cursor=", "cursor=%00", "cursor=x", f"cursor={cursor(NIL)}", "cursor=" + "A" * 5000],
)
async def test_bad_cursors_are_refused(bench: Bench, query: str) -> None:
    error = (await bench.client.get(f"{PATH}?{query}")).json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert [problem["field"] for problem in error["details"]] == ["cursor"]


async def test_the_ends_of_time_are_places_in_the_list(seven: Bench) -> None:
    for instant, found in (("0001-01-01T00:00:00+14:00", 0), ("9999-12-31T23:59:59-14:00", 7)):
        answer = await seven.client.get(f"{PATH}?cursor={cursor(instant, NIL)}")
        assert (answer.status_code, len(answer.json()["data"])) == (200, found)


async def test_a_cursor_is_a_place_in_the_index(seven: Bench) -> None:
    """A deep page must cost what the first one does: it reads the index from there on."""
    where, _ = conditions(Wanted())
    further, values = behind((clock.now(), new_id()))
    explain = text(f"EXPLAIN (COSTS OFF) {_PAGE.format(where=where, behind=further)}")
    async with seven.db.write() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(await session.scalars(explain, values | {"limit": 20, "offset": 0}))
    assert "using ix_jobs_newest" in plan
    assert "Index Cond: (ROW(posted_at, id) < ROW(" in plan
