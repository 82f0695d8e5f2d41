"""The list of jobs read page by page, by its links, while jobs come and go."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from libs.common.ids import NIL
from libs.common.testing import Bench
from services.jobs.openings import index_all
from services.jobs.tests.many import many_jobs
from services.jobs.tests.samples import close, find, posted

PATH = "/api/v1/jobs"
SORTS = ("newest", "salary", "relevance")


async def pages(bench: Bench, query: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the jobs on each page, from the first to the last."""
    url = f"{PATH}?{query}"
    for _ in range(50):
        answer = await bench.client.get(url)
        assert answer.status_code == 200, answer.text
        yield answer.json()["data"]
        if "next" not in answer.links:
            return
        url = answer.links["next"]["url"]
    pytest.fail("the links lead on for ever")


@pytest.fixture
async def seven(bench: Bench) -> Bench:
    """A bench with seven jobs; several were posted at one instant, several pay the same."""
    for number in range(7):
        salary = f"{1000 + number // 3} USD" if number > 1 else "Thỏa thuận"
        await posted(bench, info={"title": f"job {number}"}, jd={"salary": salary})
    async with bench.db.write() as session:
        await session.execute(
            text("""
                UPDATE jobs SET posted_at = timestamptz '2026-01-01 07:00:00.000001+00'
                    + CAST(right(title, 1) AS integer) / 3 * interval '1 microsecond'
            """)
        )
        await index_all(session)
    return bench


@pytest.mark.parametrize("filters", ["", "&q=job&loc=hcm&skill=java&skill=spring+boot&cat=5"])
@pytest.mark.parametrize("sort", SORTS)
async def test_each_old_job_is_met_once_whatever_arrives(
    seven: Bench, sort: str, filters: str
) -> None:
    old = await find(seven, sort=sort, q="job")
    assert sorted(old) == [f"job {number}" for number in range(7)]
    for limit in range(1, 9):
        met, new = [], []
        async for jobs in pages(seven, f"sort={sort}&limit={limit}{filters}"):
            assert 0 < len(jobs) <= limit
            met += [job["title"] for job in jobs]
            new.append(await posted(seven, info={"title": "new job"}, jd={"salary": "9000 USD"}))
        assert met == old, limit
        for job_id in new:
            assert (await close(seven, job_id)).status_code == 200


async def test_a_job_that_closes_hides_no_other(seven: Bench) -> None:
    met = []
    async for jobs in pages(seven, "limit=2"):
        met += [job["title"] for job in jobs]
        for job in jobs:
            assert (await close(seven, job["jobId"])).status_code == 200
    assert met == [f"job {number}" for number in reversed(range(7))]


@pytest.mark.parametrize("sort", SORTS)
async def test_many_jobs_are_each_met_once(bench: Bench, sort: str) -> None:
    await many_jobs(bench, 2500)
    met = []
    async for jobs in pages(bench, f"q=developer+-nothing&sort={sort}&limit=100"):
        met += [job["jobId"] for job in jobs]
        assert (await close(bench, jobs[0]["jobId"])).status_code == 200
        await posted(bench, info={"title": "developer"}, jd={"salary": "9999 USD"})
    assert (len(met), len(set(met))) == (2500, 2500)


async def test_what_is_counted_is_bounded(bench: Bench) -> None:
    await many_jobs(bench, 1001)
    first = await bench.client.get(f"{PATH}?limit=1")
    assert first.headers["X-Total-Count"] == "1000"
    assert first.headers["X-Total-Capped"] == "true"
    assert first.json()["message"] == "Tìm thấy 1000 kết quả phù hợp"
    few = await bench.client.get(f"{PATH}?loc=hanoi")
    assert (few.headers["X-Total-Count"], "X-Total-Capped" in few.headers) == ("333", False)
    last = await bench.client.get(f"{PATH}?limit=1&offset=1000")
    assert (len(last.json()["data"]), "Link" in last.headers) == (1, False)


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


async def test_offsets_end_where_cursors_lead_on(bench: Bench) -> None:
    refused = await bench.client.get(f"{PATH}?offset=10001")
    assert refused.status_code == 422
    assert [problem["field"] for problem in refused.json()["error"]["details"]] == ["offset"]
    assert (await bench.client.get(f"{PATH}?offset=10000")).json()["data"] == []
    parameters = bench.app.openapi()["paths"][PATH]["get"]["parameters"]
    [offset] = [one["schema"] for one in parameters if one["name"] == "offset"]
    assert offset["maximum"] == 10_000


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


NOON = "2026-01-01T12:00:00Z"


async def test_bad_cursors_are_refused(bench: Bench) -> None:
    for query in (
        *("cursor=", "cursor=%00", "cursor=x", f"cursor={cursor(NIL)}", "cursor=" + "A" * 5000),
        f"sort=salary&cursor={cursor(NOON, NIL)}",
        f"sort=newest&cursor={cursor(1, NOON, NIL)}",
        f"sort=relevance&cursor={cursor(1, NOON, NIL)}",
        f"sort=salary&cursor={cursor(2**31, NOON, NIL)}",
        f"offset=1&cursor={cursor(NOON, NIL)}",
    ):
        answer = await bench.client.get(f"{PATH}?{query}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR"), query
        assert [problem["field"] for problem in error["details"]] == ["cursor"], query


async def test_the_ends_of_time_are_places_in_the_list(seven: Bench) -> None:
    for instant, found in (("0001-01-01T00:00:00+14:00", 0), ("9999-12-31T23:59:59-14:00", 7)):
        answer = await seven.client.get(f"{PATH}?cursor={cursor(instant, NIL)}")
        assert (answer.status_code, len(answer.json()["data"])) == (200, found)
