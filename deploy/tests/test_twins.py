"""Two replicas of everything: the same hire, and a rolling restart that no caller notices."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from deploy.services import SERVICES
from deploy.tests import journey
from deploy.tests.identity import sign_up
from deploy.tests.ledger import ledger, quiet
from deploy.tests.systems import Twins, free_ports, seven_processes, twins

CALLERS = 6


@pytest.mark.soak
async def test_two_of_each_leave_the_same_rows_as_one(postgres_url: str) -> None:
    left = []
    for start in (seven_processes, twins):
        with start(postgres_url, "replicas") as system:
            await journey.hire(system.url, system.mails)
            left.append(ledger(system.database_url))
    assert left[0] == left[1]


@pytest.mark.soak
async def test_a_worker_goes_on_while_its_service_is_down(postgres_url: str) -> None:
    with seven_processes(postgres_url, "worker") as system:
        [port] = free_ports(1)
        system.commands = {**system.commands, "hand": ("worker", "messaging", "--port", str(port))}
        system.start("hand")
        async with httpx.AsyncClient(base_url=system.url, timeout=20) as client:
            employer = await sign_up(client, 1, "Employer", system.mails)
            candidate = await sign_up(client, 2, "Candidate", system.mails)
            await journey.found_company(employer)
            job = await journey.post_job(employer)
            system.kill("messaging")
            await journey.apply(candidate, job)
            quiet(system.database_url)
            system.start("messaging")
            told = await employer.call("GET", "/notifications")
            assert [one["type"] for one in told] == ["NewApply"]
            health = await client.get(f"http://127.0.0.1:{port}/health/ready")
            assert health.json() == {"status": "ready"}
            nothing = await client.get(f"http://127.0.0.1:{port}/api/v1/notifications")
            assert nothing.status_code == 404


class Callers:
    """People who read and write all the time and count what they are answered."""

    def __init__(self, system: Twins) -> None:
        self.system = system
        self.answers: Counter[str] = Counter()
        self.failed: list[str] = []
        self.done = False

    async def call(self, client: httpx.AsyncClient, method: str, path: str, **rest: Any) -> None:
        """Make one call, once: whatever is no proper answer has failed."""
        try:
            answer = await client.request(method, f"/api/v1{path}", **rest)
        except httpx.TransportError as error:
            self.failed.append(f"{method} {path}: {error!r}")
            return
        self.answers[f"{method} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text}")

    async def live(self, number: int) -> None:
        """Search, read, write and be told, until it is over."""
        async with httpx.AsyncClient(base_url=self.system.url, timeout=20) as client:
            candidate = await sign_up(client, number, "Candidate", self.system.mails)
            employer = await sign_up(client, number + 1, "Employer", self.system.mails)
            await journey.found_company(employer)
            while not self.done:
                job = await journey.post_job(employer)
                mine = {"headers": candidate.headers}
                body = {"coverLetter": "Xin chào", "cvUrl": "https://a.example/cv.pdf"}
                await self.call(client, "GET", "/jobs?q=java&limit=5")
                await self.call(client, "GET", f"/jobs/{job}")
                await self.call(client, "POST", f"/jobs/{job}/apply", json=body, **mine)
                message = {"receiverId": employer.user_id, "content": "Xin chào"}
                await self.call(client, "POST", "/messages", json=message, **mine)
                await self.call(client, "PUT", "/users/me", json={"name": "An"}, **mine)
                await self.call(client, "GET", "/notifications", **mine)
                await self.call(client, "GET", "/careers?limit=1")
                await self.call(client, "GET", "/skills?q=py")


@pytest.mark.soak
async def test_nobody_notices_a_rolling_restart(postgres_url: str) -> None:
    with twins(postgres_url, "rolling") as system:
        callers = Callers(system)
        living = [asyncio.create_task(callers.live(7000 + 2 * n)) for n in range(CALLERS)]
        codes = {}
        for name in (*SERVICES, "gateway"):
            for number in (1, 2):
                replica = f"{name}-{number}"
                codes[replica] = await asyncio.to_thread(system.renew, replica)
        callers.done = True
        await asyncio.gather(*living)
    print(f"\n{dict(callers.answers)}, {len(codes)} replicas replaced")
    assert callers.failed == []
    assert set(codes.values()) == {0}
    assert callers.answers["POST 201"] > 100
