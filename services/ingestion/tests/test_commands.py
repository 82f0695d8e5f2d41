"""`waymark ingestion …` and the clock: sources as they are configured, with bar and summary."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from click.testing import CliRunner, Result
from pydantic import ValidationError

from libs.common.db import open_database
from libs.common.service import Runtime, Service
from libs.common.testing import Bench
from services.ingestion import cli, scheduler
from services.ingestion.cli import commands
from services.ingestion.scheduler import collect_all, collecting, probe
from services.ingestion.service import service
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources.opened import searches, usable_sources
from services.ingestion.tests.fake_theirstack import faults
from services.ingestion.tests.fake_theirstack.api import KEY, FakeTheirStack, theirstack
from services.ingestion.tests.fake_theirstack.jobs import a_job

Run = Callable[..., Any]


@pytest.fixture
def run(bench: Bench, migrated: Callable[[Service], str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as the command line does: in a thread, with a loop and a pool of its own."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Runtime]:
        runtime = replace(bench.runtime, db=open_database(migrated(service), service.name))
        try:
            yield runtime
        finally:
            await runtime.db.close()

    async def run(wanted: IngestionSettings, *arguments: str) -> Result:
        monkeypatch.setattr(cli, "settings", lambda: wanted)
        return await asyncio.to_thread(CliRunner().invoke, commands, arguments, obj=opened)

    return run


def wanting(url: str, **others: Any) -> IngestionSettings:
    return IngestionSettings(
        their_stack_api_key=KEY,
        their_stack_base_url=url,
        their_stack_rate_limit=6000,
        job_collection_roles="Software Engineer, Data Scientist",
        job_collection_locations="United States",
        **others,
    )


async def test_run_collects_and_says_what_came_of_it(bench: Bench, run: Run) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(150)])
    async with theirstack(fake) as url:
        result = await run(wanting(url), "run")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "100 jobs, 1 pages, 100 credits, 100 new, 0 updated, 0 unchanged, 0 skipped, 0 failed\n"
    )
    assert "postings of theirstack" in result.stderr
    assert KEY not in result.output
    assert [body["job_title_or"] for body in fake.searches] == [
        ["Software Engineer"],
        ["Data Scientist"],
    ]


async def test_run_says_why_it_stopped_and_what_it_has(bench: Bench, run: Run) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(150)])
    fake.faults = [None, faults.NO_CREDITS_AS_TEXT]
    async with theirstack(fake) as url:
        result = await run(wanting(url, max_jobs_per_search=150), "run")
    assert result.exit_code == 1
    assert result.stdout.startswith("100 jobs, 1 pages, 100 credits, 100 new")
    assert result.stderr.splitlines()[-1] == (
        "Error: theirstack: no credits left (402: E-009 Not enough credits None.)"
    )


async def test_seed_looks_further_back(bench: Bench, run: Run) -> None:
    fake = FakeTheirStack([a_job(1)])
    async with theirstack(fake) as url:
        assert (await run(wanting(url), "seed", "--days", "30")).exit_code == 0
        first = fake.searches[0]["posted_at_gte"]
        assert (await run(wanting(url), "run")).exit_code == 0
        assert first < fake.searches[-1]["posted_at_gte"]


async def test_a_source_that_is_not_configured_is_named(bench: Bench, run: Run) -> None:
    nothing = IngestionSettings(their_stack_api_key=" ")
    for arguments in (["run"], ["seed"], ["run", "--source", "lever"]):
        result = await run(nothing, *arguments)
        assert result.exit_code == 1
        assert "THEIR_STACK_API_KEY" in result.stderr


async def test_reextract_queues_all(bench: Bench, run: Run) -> None:
    fake = FakeTheirStack([a_job(number) for number in range(60)])
    async with theirstack(fake) as url:
        await run(wanting(url), "run")
        result = await run(wanting(url), "reextract")
    assert result.stdout == "60 postings wait for extraction\n"


async def test_by_the_clock_each_source_has_its_own_fate(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fake = FakeTheirStack([a_job(1)])
    async with theirstack(fake) as url:
        await collect_all(bench.db, wanting(url, job_sources="theirstack"))
        assert "theirstack: 1 jobs, 1 pages, 1 credits, 1 new" in caplog.text
        fake.accounts = {}
        await collect_all(bench.db, wanting(url))
    assert "theirstack stopped: 401: E-001 Not allowed exception" in caplog.text


async def test_the_service_collects_by_its_clock_and_stops_clean(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def collect_all(db: object, wanted: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(scheduler, "collect_all", collect_all)
    monkeypatch.setattr(scheduler, "CronTrigger", _EverySecond)
    before = asyncio.all_tasks()
    async with collecting(bench.runtime):
        async with asyncio.timeout(10):
            await begun.wait()
    assert asyncio.all_tasks() <= before


class _EverySecond:
    @staticmethod
    def from_crontab(expression: str) -> Any:
        assert expression == "0 2 * * *"
        return IntervalTrigger(seconds=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "TheirStack answers: 100000 credits left"),
        ({"accounts": {}}, "TheirStack cannot be used: 401"),
        ({"balance_known": False}, "TheirStack does not tell its credits"),
    ],
)
async def test_the_probe_tells_the_log_and_costs_nothing(
    caplog: pytest.LogCaptureFixture, change: dict[str, Any], said: str
) -> None:
    caplog.set_level(logging.INFO)
    fake = FakeTheirStack()
    for name, value in change.items():
        setattr(fake, name, value)
    async with theirstack(fake) as url:
        await probe(wanting(url))
    assert said in caplog.text
    assert KEY not in caplog.text
    assert fake.searches == []


async def test_the_probe_never_stops_a_start(caplog: pytest.LogCaptureFixture) -> None:
    await probe(wanting("http://127.0.0.1:9"))
    assert "TheirStack does not tell its credits" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"job_collection_schedule": "every day"},
        {"job_collection_schedule": "61 2 * * *"},
        {"job_collection_locations": "Atlantis"},
        {"job_sources": "theirstack,monster"},
        {"job_data_retention_days": 0},
        {"their_stack_base_url": "ftp://x"},
    ],
)
def test_a_wrong_setting_ends_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IngestionSettings(**wrong)


def test_settings_are_read_as_they_are_written() -> None:
    told = IngestionSettings(
        their_stack_api_key=f" {KEY}\n",
        job_sources="theirstack, greenhouse ,remotive",
        job_collection_roles="Backend Developer,",
        job_collection_locations="united states, VN, remote",
    )
    assert told.their_stack_api_key is not None
    assert told.their_stack_api_key.get_secret_value() == KEY
    assert KEY not in repr(told)
    assert usable_sources(told) == ["theirstack", "remotive"]
    assert [(each.role, each.country_code) for each in searches(told)] == [
        ("Backend Developer", "US"),
        ("Backend Developer", "VN"),
        ("Backend Developer", None),
    ]
