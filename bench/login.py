"""Sign-in against bare argon2id, and what everybody else notices of it.

`python -m bench.login [ROUNDS [SECONDS]]`. One real process with its PostgreSQL, limits per address
lifted; each round measures the bare hash, the others' latency at rest, and both under logins.
"""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median, quantiles

import httpx
import psutil
from pwdlib.hashers.argon2 import Argon2Hasher

from bench.gateway import own_cpu
from deploy.tests.systems import WAYMARK, one_process

LOGIN, OTHER = "/api/v1/auth/login", "/api/v1/jobs"
ACCOUNTS = tuple(f"bench{number}@waymark.test" for number in range(3))
PASSWORD = "Waymark123!"  # noqa: S105 - of a system that is gone when this ends
CLIENTS = 8
PROBES = 50  # a second
FLOOD = 200
RATE_GOAL, LATENCY_GOAL = 0.9, 3.0


@dataclass
class Round:
    """What one round saw: rates a second, latencies in ms."""

    bare: float
    logins: float = 0.0
    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


def bare_rate(seconds: float) -> float:
    """Check passwords in this thread, with the parameters of the service; return how many a s."""
    hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    stored, count, begun = hasher.hash(PASSWORD), 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        assert hasher.verify(PASSWORD, stored)
        count += 1
    return count / (time.perf_counter() - begun)


async def probe(client: httpx.AsyncClient, seconds: float) -> list[float]:
    """Call another endpoint at a steady pace; return how long each call took, in ms."""
    took, begun = [], time.perf_counter()
    for number in range(int(seconds * PROBES)):
        await asyncio.sleep(begun + number / PROBES - time.perf_counter())
        sent = time.perf_counter()
        (await client.get(OTHER)).raise_for_status()
        took.append((time.perf_counter() - sent) * 1000)
    return took


async def log_in(client: httpx.AsyncClient, account: str) -> httpx.Response:
    return await client.post(LOGIN, json={"emailOrPhone": account, "password": PASSWORD})


@asynccontextmanager
async def logging_in(client: httpx.AsyncClient) -> AsyncIterator[list[float]]:
    """Keep the sign-in busy for a block; the list gets the time of each login."""
    done: list[float] = []

    async def go_on(account: str) -> None:
        while True:
            (await log_in(client, account)).raise_for_status()
            done.append(time.perf_counter())

    accounts = cycle(ACCOUNTS)
    clients = [asyncio.create_task(go_on(next(accounts))) for _ in range(CLIENTS)]
    try:
        await asyncio.sleep(0.5)
        yield done
        for one in clients:
            assert not one.done(), one.exception()
    finally:
        for one in clients:
            one.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def measure(client: httpx.AsyncClient, seconds: float) -> Round:
    seen = Round(bare_rate(seconds / 2))
    seen.idle = await probe(client, seconds)
    async with logging_in(client) as done:
        begun = time.perf_counter()
        seen.busy = await probe(client, seconds)
        ended = time.perf_counter()
    seen.logins = sum(begun < at <= ended for at in done) / (ended - begun)
    return seen


async def flood(client: httpx.AsyncClient) -> tuple[Counter[int], float]:
    """Send many logins at once; return the statuses, and how long the last answer took, in s."""
    begun, accounts = time.perf_counter(), cycle(ACCOUNTS)
    answers = await asyncio.gather(*(log_in(client, next(accounts)) for _ in range(FLOOD)))
    return Counter(answer.status_code for answer in answers), time.perf_counter() - begun


def p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


async def run(url: str, rounds: int, seconds: float) -> None:
    """Measure and print medians."""
    limits = httpx.Limits(max_connections=FLOOD + 1)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as client:
        await measure(client, 1)  # warms up
        seen = [await measure(client, seconds) for _ in range(rounds)]
        statuses, longest = await flood(client)
    bare, logins = median(one.bare for one in seen), median(one.logins for one in seen)
    idle, busy = median(p99(one.idle) for one in seen), median(p99(one.busy) for one in seen)
    share = median(one.logins / one.bare for one in seen)
    slower = median(p99(one.busy) / p99(one.idle) for one in seen)
    print(f"sign-in, one process, {CLIENTS} clients, {rounds} rounds of {seconds:g} s (medians)")
    print(f"  argon2id, one thread   {bare:8.1f} /s")
    print(f"  logins                 {logins:8.1f} /s  ratio {share:5.2f}  goal >= {RATE_GOAL}")
    print(f"  GET {OTHER}, p99 {idle:8.1f} ms at rest")
    print(f"  the same under logins  {busy:8.1f} ms  ratio {slower:5.2f}  goal <= {LATENCY_GOAL}")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(f"  {FLOOD} logins at once: {told}; the last answer after {longest:.2f} s")


def main(rounds: int = 5, seconds: int = 6) -> None:
    with one_process() as system:
        for email in ACCOUNTS:
            create = ("admin", "create", "--email", email, "--name", "A", "--password", PASSWORD)
            subprocess.run(
                [*WAYMARK, *create], env=system.environment, check=True, capture_output=True
            )
        ours, before = own_cpu(), psutil.cpu_times()
        asyncio.run(run(system.url, rounds, seconds))
        now = psutil.cpu_times()
        idle, total = now.idle - before.idle, sum(now) - sum(before)
        elsewhere = 1 - (idle + own_cpu() - ours) / total
    print(f"other processes used {elsewhere:.0%} of the machine meanwhile")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
