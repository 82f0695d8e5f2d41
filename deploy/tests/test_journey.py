"""The same hire in one process and in seven: it works in both, and the same rows are left.

Then all of identity, over the same two systems.
"""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.tests.identity import identity
from deploy.tests.journey import PASSWORD, hire
from deploy.tests.ledger import ledger
from deploy.tests.systems import System, one_process, seven_processes

ADMIN = "admin@identity.example"


@pytest.fixture(scope="module")
def alone() -> Iterator[System]:
    with one_process() as system:
        yield system


@pytest.fixture(scope="module")
def apart(postgres_url: str) -> Iterator[System]:
    with seven_processes(postgres_url, "journey") as system:
        yield system


async def test_one_process_and_seven_end_with_the_same_rows(alone: System, apart: System) -> None:
    left = []
    for system in (alone, apart):
        await hire(system.url, system.mails)
        left.append(ledger(system.database_url))
    assert left[0] == left[1]
    assert len(left[0]["applications.applications"]) == 1
    assert len(left[0]["messaging.notifications"]) == 4


@pytest.mark.parametrize("way", ["alone", "apart"])
async def test_all_of_identity(way: str, request: pytest.FixtureRequest) -> None:
    system: System = request.getfixturevalue(way)
    create = ("admin", "create", "--email", ADMIN, "--name", "Admin", "--password", PASSWORD)
    await asyncio.to_thread(system.run, *create)
    await identity(system.url, system.mails, ADMIN)
