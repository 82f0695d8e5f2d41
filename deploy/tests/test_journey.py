"""The same hire in one process, in seven, and in seven that are killed one after the other.

It works in all, and the same rows are left. These systems then serve for all else that is to be
shown of many processes, or of both: identity, advice out of postings, an erasure without a trace,
one trace of a call, the end of streams. No test minds what another left there.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.tests.advice import advised, write_postings
from deploy.tests.collector import Collector, collecting, joined
from deploy.tests.erasure import leave_no_trace
from deploy.tests.identity import identity
from deploy.tests.journey import PASSWORD, hire
from deploy.tests.ledger import Ledger, ledger
from deploy.tests.streams import stopped
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


@dataclass
class Tried:
    """A running system, and what the first hire has left there, before anything else."""

    system: System
    left: Ledger
    killed: Sequence[str] = ()
    collector: Collector | None = None


@pytest.fixture(scope="module")
async def alone() -> AsyncIterator[Tried]:
    """One process."""
    with one_process() as system:
        await hire(system.url, system.mails)
        yield Tried(system, ledger(system.database_url))


@pytest.fixture(scope="module")
async def apart(postgres_url: str) -> AsyncIterator[Tried]:
    """Seven processes."""
    with seven_processes(postgres_url, "journey") as system:
        await hire(system.url, system.mails)
        yield Tried(system, ledger(system.database_url))


@pytest.fixture(scope="module")
async def disturbed(postgres_url: str) -> AsyncIterator[Tried]:
    """Seven processes that were killed during the hire, and tell a collector of all they do."""
    with collecting() as collector:
        knobs = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        with seven_processes(postgres_url, "disturbed", **knobs, LOG_FORMAT="json") as system:
            killer = Killer(system)
            await hire(system.url, system.mails, killer)
            await killer.done()
            yield Tried(system, ledger(system.database_url), killer.killed, collector)


@pytest.fixture(params=["alone", "apart"])
def tried(request: pytest.FixtureRequest) -> Tried:
    """One process, and seven."""
    tried: Tried = request.getfixturevalue(request.param)
    return tried


def test_one_process_and_seven_end_with_the_same_rows(alone: Tried, apart: Tried) -> None:
    assert alone.left == apart.left
    assert len(alone.left["applications.applications"]) == 1
    assert len(alone.left["messaging.notifications"]) == 4


def test_kills_in_mid_journey_change_nothing(disturbed: Tried, apart: Tried) -> None:
    assert disturbed.killed == list(VICTIMS.values())
    for table in disturbed.left.keys() - OF_THE_TRIES:
        assert disturbed.left[table] == apart.left[table], table
    assert disturbed.left.keys() == apart.left.keys()


def test_a_trace_joins_gateway_service_outbox_and_consumer(disturbed: Tried) -> None:
    assert disturbed.collector is not None
    joined(disturbed.system, disturbed.collector)


def test_a_log_tells_whose_it_is(apart: Tried) -> None:
    for name in apart.system.commands:
        assert f'"process":"{name}"' in apart.system.log(name)


async def test_all_of_identity(tried: Tried) -> None:
    create = ("admin", "create", "--email", ADMIN, "--name", "Admin", "--password", PASSWORD)
    await asyncio.to_thread(tried.system.run, *create)
    await identity(tried.system.url, tried.system.mails, ADMIN)


async def test_postings_become_advice(tried: Tried, tmp_path: Path) -> None:
    file = tmp_path / "postings.jsonl"
    write_postings(file)
    await asyncio.to_thread(tried.system.run, "task", "ingestion", "import", str(file))
    await advised(tried.system, number=40)


async def test_one_process_forgets(alone: Tried) -> None:
    await leave_no_trace(alone.system)


async def test_seven_processes_forget_though_one_was_dead(apart: Tried) -> None:
    await leave_no_trace(apart.system, down="messaging")


async def test_many_processes_stop_with_open_streams(apart: Tried) -> None:
    names = ("messaging", "gateway")
    logs = {apart.system.folder / f"{name}.log" for name in names}
    begun = {log: log.stat().st_size for log in logs}
    await stopped(apart.system, *names)
    for log in logs:
        assert b"Traceback" not in log.read_bytes()[begun[log] :]
    for name in names:
        apart.system.start(name)
    apart.system.wait_ready()
