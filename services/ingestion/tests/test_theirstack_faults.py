"""Runs over TheirStack when things go wrong: nothing is lost, or paid but what was billed."""

from typing import Any

import pytest
from sqlalchemy import text

from libs.common.testing import Bench
from services.ingestion.sources.shape import SourceRefused, SourceStopped
from services.ingestion.tally import Tally
from services.ingestion.tests.collecting import collected, last_run, opened, stored_ids
from services.ingestion.tests.fake_theirstack import faults
from services.ingestion.tests.fake_theirstack.api import KEY, Account, FakeTheirStack
from services.ingestion.tests.fake_theirstack.jobs import a_job

JOBS = 250
PASSING = [
    [None, faults.SERVER_ERROR],
    [faults.SERVER_ERROR] * 3,
    [None, faults.GATEWAY_HTML, faults.SERVER_ERROR],
    [faults.TOO_MANY, faults.retry_after(0.05)],
    [faults.slow],
    [None, faults.cut],
    [None, faults.without_data],
    [faults.no_json, None, faults.no_json],
]
STOPPING = [
    [None, faults.NO_CREDITS_AS_TEXT],
    [None, faults.NO_CREDITS_AS_PAGE],
    [None, faults.DENIED],
    [faults.UNKNOWN_KEY],
    [None, *[faults.SERVER_ERROR] * 4],
    [None, faults.retry_after(3600)],
    [None, faults.cut, faults.slow],
    [faults.no_json, faults.no_json],
]


def a_market() -> FakeTheirStack:
    return FakeTheirStack([a_job(number) for number in range(JOBS)])


def ids(fake: FakeTheirStack) -> list[int]:
    return sorted(job["id"] for job in fake.jobs)


@pytest.mark.parametrize("script", PASSING)
async def test_a_fault_that_passes_costs_nothing_but_what_was_billed(
    bench: Bench, script: list[Any]
) -> None:
    fake = a_market()
    fake.faults = script.copy()
    billed = 100 * sum(callable(fault) for fault in script)
    tally = await collected(bench, fake)
    assert await stored_ids(bench) == ids(fake)
    assert tally.new == JOBS
    assert tally.credits == fake.account.used == JOBS + billed
    assert fake.faults == []


@pytest.mark.parametrize("script", STOPPING)
async def test_a_fault_that_stays_stops_the_run_and_the_next_one_goes_on(
    bench: Bench, script: list[Any]
) -> None:
    fake = a_market()
    fake.faults = script.copy()
    with pytest.raises(SourceStopped):
        await collected(bench, fake)
    stopped = await last_run(bench)
    kept = await stored_ids(bench)
    assert (stopped["state"], stopped["new"], len(kept)) == ("stopped", len(kept), len(kept))
    assert stopped["credits"] == fake.account.used
    assert stopped["error"]
    assert fake.faults == []
    tally = await collected(bench, fake)
    assert await stored_ids(bench) == ids(fake)
    assert (tally.new, tally.credits) == (JOBS, fake.account.used)
    billed = 100 * sum(callable(fault) for fault in script)
    assert fake.account.used == JOBS + billed
    assert (await collected(bench, fake)).jobs == 0


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.BAD_FILTER, "400: Invalid country code"),
        (faults.NO_FILTER, "422: Missing mandatory filter"),
        (faults.BAD_TYPE, "422: .*limit.*: Too large"),
    ],
)
async def test_what_is_asked_wrongly_fails_and_moves_no_watermark(
    bench: Bench, fault: Any, said: str
) -> None:
    fake = a_market()
    fake.faults = [None, fault]
    with pytest.raises(SourceRefused, match=said):
        await collected(bench, fake)
    failed = await last_run(bench)
    assert (failed["state"], failed["new"]) == ("failed", 100)
    tally = await collected(bench, fake)
    assert (tally.new, tally.unchanged) == (150, 100)
    assert len(await bench.rows("SELECT FROM runs")) == 2


async def test_the_fake_refuses_what_the_real_one_refuses(bench: Bench) -> None:
    fake = a_market()
    async with opened(fake) as source:
        for body, said in (
            ({"limit": 5}, "Missing mandatory filter"),
            ({"limit": 5, "q": "python"}, "q"),
            ({"limit": 501, "posted_at_max_age_days": 1}, "limit"),
            ({"limit": "5", "posted_at_max_age_days": 1}, "limit"),
        ):
            with pytest.raises(SourceRefused, match=f"422: .*{said}"):
                await source._client.search(body)
        assert (await source._client._http.get("/v1/jobs/search")).headers["allow"] == "POST"
    assert fake.account.used == 0


async def test_a_run_that_fails_touches_no_posting(bench: Bench) -> None:
    fake = a_market()
    await collected(bench, fake)
    before = await bench.rows("SELECT ctid::text, * FROM postings ORDER BY id")
    fake.accounts = {}
    with pytest.raises(SourceStopped, match="401"):
        await collected(bench, fake)
    assert await bench.rows("SELECT ctid::text, * FROM postings ORDER BY id") == before


async def test_credits_that_cover_a_part_give_a_part_and_the_rest_after_they_were_bought(
    bench: Bench,
) -> None:
    fake = a_market()
    fake.accounts = {KEY: Account(granted=130)}
    fake.balance_known = False  # so that it is not asked for less than a page
    with pytest.raises(SourceStopped, match="70 jobs were withheld"):
        await collected(bench, fake)
    assert len(await stored_ids(bench)) == fake.account.used == 130
    fake.account.granted = 1000
    tally = await collected(bench, fake)
    assert (tally.new, tally.credits, fake.account.used) == (JOBS, JOBS, JOBS)


async def test_without_credits_nothing_is_asked(bench: Bench) -> None:
    fake = a_market()
    fake.accounts = {KEY: Account(granted=50, used=50)}
    with pytest.raises(SourceStopped, match="no credits left"):
        await collected(bench, fake)
    assert fake.searches == []


@pytest.mark.parametrize(
    "windows",
    [
        [("per-second", 2, 0.2)],
        [("per-second", 4, 0.1), ("per-minute", 2, 0.3)],
        [("per-second", 9, 0.1), ("per-minute", 9, 0.2), ("per-hour", 1, 0.3), ("per-day", 9, 1)],
    ],
)
async def test_every_window_of_the_rate_limit_is_heeded(
    bench: Bench, windows: list[tuple[str, int, float]]
) -> None:
    fake = a_market()
    fake.windows = windows
    tally = await collected(bench, fake)
    assert (tally.new, tally.credits, fake.account.used) == (JOBS, JOBS, JOBS)


async def test_a_window_that_is_used_up_for_long_ends_the_run(bench: Bench) -> None:
    fake = a_market()
    fake.windows = [("per-second", 9, 0.1), ("per-day", 2, 86_400)]
    with pytest.raises(SourceStopped, match="too many requests: none for 86"):
        await collected(bench, fake)
    assert len(await stored_ids(bench)) == fake.account.used == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.spoilt("a text"), "is no object"),
        (faults.changed(id=None), "no id"),
        (faults.changed(company=None, company_object=None), "no company"),
        (faults.changed(date_posted="yesterday"), "date_posted"),
        (faults.changed(description=["a", "list"]), "description"),
    ],
)
async def test_one_bad_item_fails_alone(bench: Bench, fault: Any, reason: str) -> None:
    fake = a_market()
    fake.faults = [fault]
    tally = await collected(bench, fake)
    assert (tally.new, tally.failed) == (JOBS - 1, 1)
    [bad] = tally.bad_items
    assert bad.where == "Software Engineer | United States, job 1"
    assert reason in bad.reason
    assert tally.jobs == JOBS


@pytest.mark.parametrize(
    ("fault", "skipped"),
    [
        (faults.changed(has_blurred_data=True, url="XxxXxx XX", company="Xxx"), "blurred"),
        (faults.changed(url="ftp://x", source_url=None), "no URL"),
        (faults.changed(job_title="  "), "no title"),
    ],
)
async def test_what_must_not_be_stored_is_passed_over(
    bench: Bench, fault: Any, skipped: str
) -> None:
    fake = a_market()
    fake.faults = [fault]
    tally = await collected(bench, fake)
    assert (tally.new, tally.skipped) == (JOBS - 1, {skipped: 1})
    assert await bench.rows("SELECT FROM postings WHERE company LIKE 'Xxx%'") == []


def nested(depth: int) -> list[Any]:
    return [nested(depth - 1)] if depth else []


async def test_odd_jobs_are_stored(bench: Bench) -> None:
    fake = FakeTheirStack(
        [
            a_job(1, description=None, company_object=None, unknown_field={"a": "\0"}),
            a_job(2, discovered_at="2026-01-01T00:00:00.5Z", date_posted="2031-01-01"),
            a_job(3, job_title="Software Engineer \ud800", description="\0nul"),
            a_job(4, min_annual_salary=10**30, max_annual_salary=-5, salary_currency="USD"),
            a_job(6, deep=nested(80), large=10**40),
            a_job(5, date_posted="2031-01-01", discovered_at="2026-01-01T00:00:00+07:00"),
        ]
    )
    tally = await collected(bench, fake)
    assert (tally.new, tally.failed) == (6, 0), tally.bad_items
    rows = await bench.rows("SELECT description, salary_min FROM postings ORDER BY external_id")
    assert [row["description"] for row in rows][:3:2] == [None, "nul"]
    assert rows[3]["salary_min"] is None


async def test_the_same_job_on_two_pages_and_twice_on_one_is_stored_once(bench: Bench) -> None:
    fake = a_market()
    again = fake.jobs[0]
    fake.faults = [faults.twice, faults.spoilt(again)]
    tally = await collected(bench, fake)
    assert len(await stored_ids(bench)) == JOBS - 2
    assert (tally.new, tally.unchanged, tally.skipped) == (JOBS - 2, 1, {"repeated": 1})


async def test_a_known_job_under_another_address_and_another_id_is_the_same(bench: Bench) -> None:
    job = a_job(1, url="https://de.linkedin.com/jobs/view/engineer-at-x-77?trk=a", source_url=None)
    fake = FakeTheirStack([job])
    await collected(bench, fake)
    moved = a_job(1, final_url="https://firm.example/careers/77", url=job["url"])
    other = a_job(2, url="https://www.linkedin.com/jobs/view/77/?refId=b", description="New text")
    fake.jobs = [moved | {"discovered_at": other["discovered_at"]}]
    tally = await run_anew(bench, fake)
    [row] = await bench.rows("SELECT url, external_id FROM postings")
    assert (tally.updated, row["url"]) == (1, "https://firm.example/careers/77")
    fake.jobs = [other | {"url": moved["final_url"] + "?utm_source=b"}]
    tally = await run_anew(bench, fake)
    [row] = await bench.rows("SELECT description, external_id FROM postings")
    assert (tally.updated, row["description"]) == (1, "New text")
    assert row["external_id"] == "700000001"


async def run_anew(bench: Bench, fake: FakeTheirStack) -> Tally:
    """Run as if there had been no run before."""
    async with bench.db.write() as session:
        await session.execute(text("DELETE FROM runs"))
    return await collected(bench, fake)


async def test_totals_that_change_between_pages_do_not_matter(bench: Bench) -> None:
    fake = a_market()
    late = iter(range(1000, 1100))
    fake.on_search = lambda: fake.jobs.append(
        a_job(next(late), discovered_at="2031-01-01T00:00:00")
    )
    tally = await collected(bench, fake)
    assert (tally.new, fake.account.used) == (JOBS, JOBS)
