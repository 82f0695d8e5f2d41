"""Many open streams, and how they end: cleanly and soon, as the system stops that they are from."""

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import count

import httpx

from deploy.tests.identity import sign_up
from deploy.tests.systems import System
from libs.common.testing_stream import reading

STREAMS = 100
STOPPED_WITHIN = 5.0  # seconds
numbers = count(7000)
"""Of people, each of whom reads."""


def a_client(system: System) -> httpx.AsyncClient:
    """Return a client that may hold many streams open."""
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=system.url, timeout=40, limits=limits)


async def stopped(system: System, *names: str) -> None:
    """Hold a system with many open streams to ending them, cleanly and soon, as it stops."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(a_client(system))
        people = [await sign_up(client, next(numbers), "Candidate", system.mails)
                  for _ in range(STREAMS // 10)]  # fmt: skip
        opened = [reading(client, who.headers) for who in people for _ in range(10)]
        readers = [await stack.enter_async_context(one) for one in opened]
        for reader in readers:
            await reader.some(1)
        for name in names:
            begun = time.monotonic()
            stopping = asyncio.create_task(asyncio.to_thread(system.stop, name))
            if name == names[0]:
                assert {await reader.next() for reader in readers} == {None}
            assert await stopping == 0
            assert time.monotonic() - begun < STOPPED_WITHIN, name
