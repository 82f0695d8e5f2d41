"""Collecting from TheirStack when all goes well: what is asked, stored, paid and gone on from."""

import gzip
import json
import logging
import re
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from libs.common import clock
from libs.common.testing import Bench
from services.ingestion.sources.theirstack import Search
from services.ingestion.tests.collecting import (
    ENGINEERS,
    SCIENTISTS,
    collected,
    last_run,
    stored_ids,
)
from services.ingestion.tests.fake_theirstack.api import KEY, Account, FakeTheirStack
from services.ingestion.tests.fake_theirstack.jobs import TODAY, a_firm, a_job, job_of


async def test_all_pages_are_stored_and_paid_for_once(bench: Bench) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(230)])
    tally = await collected(bench, fake)
    assert await stored_ids(bench) == [job["id"] for job in fake.jobs]
    assert (tally.jobs, tally.new, tally.pages) == (230, 230, 3)
    assert tally.credits == fake.account.used == 230
    asked = [(body["page"], body["limit"]) for body in fake.searches]
    assert asked == [(0, 100), (1, 100), (2, 100)]
    assert [body["include_total_results"] for body in fake.searches] == [True, False, False]
    assert not any(None in body.values() for body in fake.searches)


async def test_a_run_goes_on_from_the_watermark_and_pays_for_nothing_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(30)])
    with monkeypatch.context() as yesterday:
        yesterday.setattr(clock, "now", lambda: TODAY - timedelta(days=1))
        await collected(bench, fake)
        again = await collected(bench, fake)
    assert (again.jobs, again.credits, fake.account.used) == (0, 0, 30)
    fake.jobs += [a_job(number, discovered=TODAY - timedelta(hours=1)) for number in (40, 41)]
    fake.jobs.append(
        a_job(50, discovered=clock.now())
    )  # too fresh to be sure that nothing is before it
    third = await collected(bench, fake)
    assert (third.new, third.credits, fake.account.used) == (2, 2, 32)


async def test_searches_that_overlap_pay_once_and_each_keeps_its_watermark(bench: Bench) -> None:
    both = [a_job(n, job_title="Data Scientist Software Engineer", remote=True) for n in range(20)]
    fake = FakeTheirStack([*both, *(a_job(number) for number in range(20, 50))])
    tally = await collected(bench, fake, ENGINEERS, SCIENTISTS)
    assert (tally.new, tally.credits, fake.account.used) == (50, 50, 50)
    assert (await collected(bench, fake, ENGINEERS, SCIENTISTS)).jobs == 0


async def test_what_a_search_may_take_is_a_beginning_that_the_next_run_goes_on_from(
    bench: Bench,
) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(70)])
    for stored in (30, 60, 70):
        await collected(bench, fake, per_search=30)
        assert await stored_ids(bench) == [job["id"] for job in fake.jobs[:stored]]
    assert fake.account.used == 70


async def test_jobs_of_one_second_are_neither_lost_nor_paid_twice(bench: Bench) -> None:
    second = TODAY - timedelta(days=1)
    fake = FakeTheirStack([a_job(number, discovered=second) for number in range(70)])
    for stored in (30, 60, 70):
        await collected(bench, fake, per_search=30)
        assert len(await stored_ids(bench)) == fake.account.used == stored
    assert len(fake.searches[-1]["job_id_not"]) == 60


async def test_the_budget_ends_a_run_and_the_next_one_goes_on(bench: Bench) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(230)])
    with pytest.raises(Exception, match="budget of 130"):
        await collected(bench, fake, budget=130)
    assert fake.account.used == len(await stored_ids(bench)) == 130
    assert (await last_run(bench))["state"] == "stopped"
    tally = await collected(bench, fake)
    assert (tally.new, tally.credits, fake.account.used) == (230, 230, 230)
    [run] = await bench.rows("SELECT state, attempt, credits, new FROM runs")
    assert dict(run) == {"state": "finished", "attempt": 2, "credits": 230, "new": 230}


async def test_the_free_plan_gets_pages_of_its_size(bench: Bench) -> None:
    free = {KEY: Account(plan="free", granted=200)}
    fake = FakeTheirStack([a_job(number) for number in range(60)], free)
    tally = await collected(bench, fake, per_search=100)
    assert (tally.new, tally.credits, tally.pages) == (60, 60, 3)
    assert {body["limit"] for body in fake.searches} == {25}


async def test_real_postings_come_through(bench: Bench, shared_data: Path) -> None:
    with gzip.open(shared_data / "postings" / "postings.jsonl.gz") as lines:
        rows = [json.loads(line) for line in islice(lines, 600)]
    newest = max(row["date_posted"] or "" for row in rows)
    fake = FakeTheirStack([job_of(row, newest) for row in rows])
    search = Search("Engineer", "Remote", None)
    await collected(bench, fake, search, remote_filter="off", max_age_days=7000)
    wanted = {
        job["id"]: (job["job_title"].strip(), job["description"].strip())
        for job in fake.jobs
        if "engineer" in re.findall(r"\w+", job["job_title"].lower())
        and job["discovered_at"] <= fake.searches[0]["discovered_at_lte"].rstrip("Z")
    }
    rows = [*await bench.rows("SELECT external_id, title, description FROM postings")]
    assert {int(r["external_id"]): (r["title"], r["description"]) for r in rows} == wanted
    assert len(wanted) > 100


async def test_what_is_told_of_a_job_is_stored_but_no_person(bench: Bench) -> None:
    job = a_job(
        1,
        company="Old name",
        company_object=a_firm("Example Ltd") | {"domain": "example.com"},
        final_url="https://Example.com/jobs/1/?gh_src=abc&gh_jid=7",
        long_location="Tulsa, OK 74101",
        salary_string="$100K/yr - $120K/yr",
        min_annual_salary=100_000,
        max_annual_salary=120_000,
        salary_currency="USD",
        technology_slugs=["python", "react-js"],
        remote=True,
    )
    in_dollars = a_job(2, min_annual_salary_usd=50_000.4, max_annual_salary_usd=None)
    await collected(bench, FakeTheirStack([job, in_dollars]))
    first, second = await bench.rows("SELECT * FROM postings ORDER BY external_id")
    told = {
        "url": "https://example.com/jobs/1?gh_jid=7",
        "company": "Example Ltd",
        "company_domain": "example.com",
        "location": "Tulsa, OK 74101",
        "country_code": "US",
        "salary_min": 100_000,
        "salary_max": 120_000,
        "salary_currency": "USD",
        "salary_period": "year",
        "technology_slugs": ["python", "react-js"],
        "remote": True,
        "source": "theirstack",
        "external_id": "700000001",
        "search_keywords": "Software Engineer",
        "search_location": "United States",
        "skill_ids": [],
        "extractor_version": None,
    }
    assert {name: first[name] for name in told} == told
    assert (second["salary_min"], second["salary_max"]) == (50_000, None)
    [raw, _] = await bench.rows("SELECT * FROM raw_postings ORDER BY body ->> 'id'")
    assert raw["body"] == {
        k: v for k, v in job.items() if k not in {"hiring_team", "manager_roles"}
    }
    assert "A Person" not in str(await bench.rows("SELECT * FROM outbox"))


@pytest.mark.parametrize(
    ("style", "filters"),
    [
        ("remote", {"remote": True}),
        ("workplace_types_or", {"workplace_types_or": ["remote"]}),
        ("off", {}),
    ],
)
async def test_remote_is_asked_for_as_configured(
    bench: Bench, style: str, filters: dict[str, Any]
) -> None:
    fake = FakeTheirStack([a_job(1, remote=True)])
    search = Search("Software Engineer", "Remote", None)
    assert (await collected(bench, fake, search, remote_filter=style)).new == 1
    asked = {name: told for name, told in fake.searches[0].items() if "remote" in str((name, told))}
    assert asked == filters


async def test_the_key_is_in_no_log_and_no_table(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeTheirStack([a_job(1)])
    await collected(bench, fake)
    fake.accounts = {"another": Account()}
    with pytest.raises(Exception, match="401"):
        await collected(bench, fake)
    assert KEY not in caplog.text
    assert KEY not in str(await bench.rows("SELECT * FROM runs"))
    assert KEY not in str(await bench.rows("SELECT * FROM raw_postings"))
