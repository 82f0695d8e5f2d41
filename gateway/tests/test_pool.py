"""Connections of the pool: by name, over whichever address answers, after one lookup."""

import asyncio

import pytest

from gateway.errors import UpstreamUnavailable
from gateway.pool import Pool

LOOKUP = "lookup of localhost"


async def test_who_waits_for_the_same_name_shares_its_lookup() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    pool = Pool("localhost", server.sockets[0].getsockname()[1], connect_timeout=5)
    async with server:
        waiting = [asyncio.create_task(pool.connect()) for _ in range(3)]
        impatient = asyncio.create_task(pool.connect())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [task.get_name() for task in asyncio.all_tasks()].count(LOOKUP) == 1
        impatient.cancel()
        for connection in await asyncio.gather(*waiting):
            connection.transport.close()
        (await pool.connect()).transport.close()
    with pytest.raises(UpstreamUnavailable, match="cannot connect"):
        await pool.connect()
    assert pool.lookup is None
