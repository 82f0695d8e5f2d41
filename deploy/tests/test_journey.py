"""The same hire in one process, in seven, and in seven that are killed one after the other.

It works in all, and the same rows are left. Then all of identity, and advice out of postings, over
the first two systems.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.tests.advice import advised, write_postings
from deploy.tests.identity import identity
from deploy.tests.journey import PASSWORD, hire
from deploy.tests.ledger import Ledger, ledger
from deploy.tests.systems import System, one_process, seven_processes

ADMIN = "admin@identity.example"

# Who dies at which step; each dies while the step's calls are being made.
VICTIMS = {
    "register": "auth",
    "verify": "gateway",
    "company": "broker",
    "post": "jobs",
    "search": "careers",
    "apply": "applications",
    "move": "messaging",
    "notified": "ingestion",
    "messages": "broker",
}
# A call whose answer was lost is made again: more sign-ins and tries, which are no harm.
OF_THE_TRIES = frozenset({"auth.sessions", "auth.refresh_tokens"})


class Killer:
    """Kills the victim of each step a moment after the step began, and starts it again."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._deeds: set[asyncio.Task[None]] = set()
        self.killed: list[str] = []

    async def __call__(self, step: str) -> None:
        await self.done()
        self._deeds.add(asyncio.create_task(self._kill(VICTIMS[step])))
        await asyncio.sleep(0)

    async def _kill(self, victim: str) -> None:
        await asyncio.to_thread(self._system.kill_and_start, victim)
        self.killed.append(victim)

    async def done(self) -> None:
        """Wait until every victim has been started again."""
        await asyncio.gather(*self._deeds)
        self._deeds.clear()


@pytest.fixture(scope="module")
def alone() -> Iterator[System]:
    with one_process() as system:
        yield system


@pytest.fixture(scope="module")
def apart(postgres_url: str) -> Iterator[System]:
    with seven_processes(postgres_url, "journey") as system:
        yield system


@pytest.fixture(scope="module")
async def left_apart(apart: System) -> Ledger:
    """What a hire leaves in seven processes."""
    await hire(apart.url, apart.mails)
    return ledger(apart.database_url)


async def test_one_process_and_seven_end_with_the_same_rows(
    alone: System, left_apart: Ledger
) -> None:
    await hire(alone.url, alone.mails)
    left = ledger(alone.database_url)
    assert left == left_apart
    assert len(left["applications.applications"]) == 1
    assert len(left["messaging.notifications"]) == 4


def test_a_log_tells_whose_it_is(apart: System) -> None:
    for name in apart.commands:
        assert f'"process":"{name}"' in apart.log(name)


@pytest.mark.parametrize("way", ["alone", "apart"])
async def test_all_of_identity(way: str, request: pytest.FixtureRequest) -> None:
    system: System = request.getfixturevalue(way)
    create = ("admin", "create", "--email", ADMIN, "--name", "Admin", "--password", PASSWORD)
    await asyncio.to_thread(system.run, *create)
    await identity(system.url, system.mails, ADMIN)


@pytest.mark.parametrize("way", ["alone", "apart"])
async def test_postings_become_advice(
    way: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    system: System = request.getfixturevalue(way)
    file = tmp_path / "postings.jsonl"
    write_postings(file)
    await asyncio.to_thread(system.run, "task", "ingestion", "import", str(file))
    await advised(system, number=40)


async def test_kills_in_mid_journey_change_nothing(postgres_url: str, left_apart: Ledger) -> None:
    with seven_processes(postgres_url, "disturbed") as system:
        killer = Killer(system)
        await hire(system.url, system.mails, killer)
        await killer.done()
        found = ledger(system.database_url)
    assert killer.killed == list(VICTIMS.values())
    for table in found.keys() - OF_THE_TRIES:
        assert found[table] == left_apart[table], table
    assert found.keys() == left_apart.keys()
