"""Whose request it is: services are told the client's address, and no client can say another."""

import asyncio
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.tests.conftest import Make
from gateway.tests.rig import OK, call, proxied, read_head, scope, served
from libs.common.asgi import client_address

FORGED = [
    (b"x-forwarded-for", b"198.51.100.66"),
    (b"connection", b"x-forwarded-for"),
    (b"x-forwarded-for", b"198.51.100.67, 198.51.100.68"),
    (b"x-real-ip", b"198.51.100.69"),
    (b"forwarded", b"for=198.51.100.70"),
]


async def telling(scope: Scope, receive: Receive, send: Send) -> None:
    """A service that answers whom it takes its caller for."""
    body = orjson.dumps(client_address(Request(scope)))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def seen(app: Any, *forwarded: bytes, peer: Any = ("203.0.113.7", 4711)) -> Any:
    """Call with these lines of X-Forwarded-For; return what the service is told."""
    headers = [(b"x-forwarded-for", line) for line in forwarded]
    client = await call(app, scope(path="/api/v1/jobs", headers=headers) | {"client": peer})
    return orjson.loads(client.content)


async def test_a_client_cannot_forge_its_address(make_gateway: Make) -> None:
    client = await call(make_gateway(jobs=telling), scope(path="/api/v1/jobs", headers=FORGED))
    assert orjson.loads(client.content) == "203.0.113.7"


async def test_nor_through_a_proxy_to_a_service_elsewhere(make_gateway: Make) -> None:
    heads: list[bytes] = []

    async def recording(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await read_head(reader))
        writer.write(OK)

    async with proxied(recording) as proxy:
        await call(make_gateway(jobs=proxy), scope(path="/api/v1/jobs", headers=FORGED))
    lines = [line for line in heads[0].split(b"\r\n") if line.startswith(b"x-forwarded-for")]
    assert lines == [b"x-forwarded-for: 203.0.113.7"]


async def test_the_peer_of_a_real_connection(make_gateway: Make) -> None:
    async with served(make_gateway(jobs=telling)) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 1.1.1.1\r\n")
        writer.write(b"connection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert b'"127.0.0.1"' in answer


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([b"198.51.100.1"], "198.51.100.1"),
        ([b"6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ([b"6.6.6.6", b"198.51.100.1"], "198.51.100.1"),
        ([b" 2001:DB8:0::1 "], "2001:db8::1"),
        ([b"::ffff:198.51.100.1"], "198.51.100.1"),
        ([], "203.0.113.7"),
        ([b""], "203.0.113.7"),
        ([b"198.51.100.1, unknown"], "203.0.113.7"),
        ([b"\xff\x00"], "203.0.113.7"),
    ],
)
async def test_behind_one_proxy_what_it_has_added_counts(
    make_gateway: Make, forwarded: list[bytes], address: str
) -> None:
    app = make_gateway(jobs=telling, trusted_proxies=1)
    assert await seen(app, *forwarded) == address


async def test_behind_two_proxies_the_outer_ones_word_counts(make_gateway: Make) -> None:
    app = make_gateway(jobs=telling, trusted_proxies=2)
    assert await seen(app, b"6.6.6.6, 198.51.100.1, 10.0.0.1") == "198.51.100.1"
    assert await seen(app, b"6.6.6.6") == "203.0.113.7"  # came past the proxies: not believed


async def test_forging_gives_no_second_helping(make_gateway: Make) -> None:
    app = make_gateway()
    answers = [
        await call(app, scope(path="/api/v1/two", headers=[(b"x-forwarded-for", b"9.9.9.%d" % n)]))
        for n in range(3)
    ]
    assert [client.status for client in answers] == [200, 200, 429]


async def test_without_a_peer_there_is_no_address(make_gateway: Make) -> None:
    assert await seen(make_gateway(jobs=telling), b"6.6.6.6", peer=None) is None
    behind = make_gateway(jobs=telling, trusted_proxies=1)
    assert await seen(behind, b"198.51.100.1", peer=None) == "198.51.100.1"
    assert (await call(make_gateway(), scope(path="/api/v1/two") | {"client": None})).status == 200
