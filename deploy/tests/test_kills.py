"""Any process, or the broker, killed in mid-journey and started again: nothing lost or doubled."""

import asyncio

from deploy.tests.journey import hire
from deploy.tests.ledger import ledger
from deploy.tests.systems import System, seven_processes

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


async def test_kills_in_mid_journey_change_nothing(postgres_url: str) -> None:
    with seven_processes(postgres_url, "undisturbed") as system:
        await hire(system.url, system.mails)
        expected = ledger(system.database_url, OF_THE_TRIES)
    with seven_processes(postgres_url, "disturbed") as system:
        killer = Killer(system)
        await hire(system.url, system.mails, killer)
        await killer.done()
        found = ledger(system.database_url, OF_THE_TRIES)
    assert killer.killed == list(VICTIMS.values())
    assert found == expected
