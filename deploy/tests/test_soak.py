"""Many hires at once while something is killed every few seconds: `make soak`."""

import asyncio
import random
import time
from collections.abc import Iterator

import psycopg
import pytest

from deploy.services import SERVICES
from deploy.tests.journey import hire
from deploy.tests.ledger import quiet
from deploy.tests.systems import System, seven_processes

SECONDS = 180
SIDE_BY_SIDE = 4
PAUSE = (2.0, 5.0)  # seconds between two kills

COUNTS = {
    "auth.accounts": 2,
    "auth.companies": 1,
    "jobs.jobs": 1,
    "applications.applications": 1,
    "messaging.messages": 2,
    "messaging.notifications": 4,
}
"""Rows that one hire leaves."""
MAILS = 6
"""Two codes, two of the application, and of the first message of each."""


async def _hire_on_and_on(system: System, numbers: Iterator[int], until: float) -> int:
    done = 0
    while time.monotonic() < until:
        await hire(system.url, system.mails, number=next(numbers))
        done += 1
    return done


async def _kill_on_and_on(system: System, until: float) -> list[str]:
    killed = []
    chosen = random.Random(20261121)  # noqa: S311 - the same order of deaths in every run
    while time.monotonic() < until - 10:
        await asyncio.sleep(chosen.uniform(*PAUSE))
        victim = chosen.choice([*system.commands, "broker"])
        await asyncio.to_thread(system.kill_and_start, victim)
        killed.append(victim)
    return killed


@pytest.mark.soak
async def test_hires_under_constant_kills_leave_exactly_their_rows(postgres_url: str) -> None:
    with seven_processes(postgres_url, "soak") as system:
        until = time.monotonic() + SECONDS
        numbers = iter(range(1_000_000))
        killing = asyncio.create_task(_kill_on_and_on(system, until))
        hiring = [_hire_on_and_on(system, numbers, until) for _ in range(SIDE_BY_SIDE)]
        hires = sum(await asyncio.gather(*hiring))
        killed = await killing
        quiet(system.database_url, within=60)
        print(f"\n{hires} hires, {len(killed)} kills: {sorted(set(killed))}")
        assert hires >= 10
        assert len(killed) >= 20
        with psycopg.connect(system.database_url) as connection:
            for table, rows in COUNTS.items():
                found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
                assert found == (rows * hires,), table
            for name in SERVICES:
                dead = connection.execute(f"SELECT * FROM {name}.inbox WHERE state = 'dead'")
                assert dead.fetchall() == []
        assert len(list(system.mail.glob("*.eml"))) == MAILS * hires
