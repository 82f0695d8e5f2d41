"""The stream through the gateway, from outside: live, resumed, and ended in time."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest

from deploy.tests import journey
from deploy.tests.identity import another_device, sign_up
from deploy.tests.journey import Person
from deploy.tests.streams import a_client, numbers, stopped
from deploy.tests.systems import System, one_process, seven_processes
from libs.common.ids import new_id
from libs.common.testing_stream import Reader, reading

GUIDE = Path(__file__).parents[2] / "docs" / "stream.md"
HARNESS = """
const real = fetch;
let told = 0, cut = null;
globalThis.fetch = (path, options) => {{
  cut = new AbortController();
  return real("{url}" + path, {{ ...options, signal: cut.signal }});
}};
follow(() => "{token}", (kind, data) => {{
  if (kind === "ready" && told) return;
  console.log(kind, JSON.stringify(data));
  if (++told === 3) {{ console.log("broken"); cut.abort(); }}
}}, new AbortController().signal);
"""

Pair = tuple[Person, Person]


@pytest.fixture(scope="module")
async def pair(demo: System) -> AsyncIterator[Pair]:
    """A candidate and an employer who have written to each other."""
    async with a_client(demo) as client:
        yield await who_know_each_other(client, demo)


async def who_know_each_other(client: httpx.AsyncClient, system: System) -> Pair:
    """Make two people, and wait until each may write to the other."""
    candidate = await sign_up(client, next(numbers), "Candidate", system.mails)
    employer = await sign_up(client, next(numbers), "Employer", system.mails)
    await journey.write(employer, candidate)
    return candidate, employer


async def send(sender: Person, receiver: Person, content: str) -> None:
    """Write a message."""
    body = {"receiverId": receiver.user_id, "content": content}
    await sender.call("POST", "/messages", json=body)


async def messages(reader: Reader, number: int) -> list[str]:
    """Return what the next messages say, and pass over notifications."""
    said: list[str] = []
    while len(said) < number:
        [event] = await reader.some(1)
        said += [event.data["content"]] if event.kind == "message" else []
    return said


async def test_a_message_and_its_notification_come_within_a_second(pair: Pair) -> None:
    candidate, employer = pair
    headers = candidate.headers | {"Accept-Language": "en"}
    async with reading(candidate.client, headers) as reader:
        assert reader.answer.headers["cache-control"] == "no-store"
        assert (await reader.some(1))[0].kind == "ready"
        begun = time.monotonic()
        await send(employer, candidate, "Chào bạn")
        told = {event.kind: event.data for event in await reader.some(2)}
        assert time.monotonic() - begun < 1
    assert told["message"]["content"] == "Chào bạn"
    assert told["message"]["senderId"] == employer.user_id
    assert told["notification"]["title"] == "New message"


async def test_a_broken_connection_loses_and_doubles_nothing(demo: System, pair: Pair) -> None:
    """Two are written while nobody reads, and two while PostgreSQL has cut who listens."""
    candidate, employer = pair
    async with reading(candidate.client, candidate.headers) as reader:
        [first] = await reader.some(1)
    for content in ("one", "two"):
        await send(employer, candidate, content)
    async with reading(candidate.client, candidate.headers, first.id) as reader:
        missed = await reader.some(5)
        said = [event.data["content"] for event in missed if event.kind == "message"]
        assert said == ["one", "two"]
        assert [event.kind for event in missed].count("notification") == 2
        assert missed[-1].kind == "ready"
        with psycopg.connect(demo.database_url, autocommit=True) as database:
            assert database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'waymark-messaging'"
                " AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')"
            ).fetchall()
        for content in ("three", "four"):
            await send(employer, candidate, content)
        assert await messages(reader, 2) == ["three", "four"]


async def test_commits_out_of_order(demo: System, pair: Pair) -> None:
    """Whoever began first commits last, and is told of last, once."""
    candidate, employer = pair
    async with (
        reading(candidate.client, candidate.headers) as reader,
        await psycopg.AsyncConnection.connect(demo.database_url) as slow,
    ):
        await reader.some(1)
        await write_by_hand(slow, UUID(candidate.user_id), "first begun")
        await send(employer, candidate, "second begun")
        seen = await reader.some(2)
        await slow.commit()
        assert await messages(reader, 1) == ["first begun"]
    assert {event.kind for event in seen} == {"message", "notification"}
    async with reading(candidate.client, candidate.headers, seen[-1].id) as again:
        assert await messages(again, 1) == ["first begun"]
        assert (await again.some(1))[0].kind == "ready"


async def write_by_hand(database: psycopg.AsyncConnection, reader: UUID, content: str) -> None:
    """Write a message past the API, into a transaction that is still to be committed."""
    ids = (new_id(), new_id())
    await database.execute(
        "INSERT INTO messaging.messages (id, sender_id, receiver_id, content, sent_at, is_read)"
        " VALUES (%s, %s, %s, %s, now(), false)",
        [*ids, reader, content],
    )
    await database.execute(
        "INSERT INTO messaging.stream_items (user_id, item_id, kind, created_at)"
        " VALUES (%s, %s, 'message', now())",
        [reader, ids[0]],
    )
    await database.execute("SELECT pg_notify('messaging_stream', %s)", [reader.hex])


async def test_it_ends_when_he_signs_out_here_and_goes_on_elsewhere(pair: Pair) -> None:
    candidate, employer = pair
    other = await another_device(candidate)
    async with (
        reading(candidate.client, other.headers) as there,
        reading(candidate.client, candidate.headers) as here,
    ):
        await there.some(1)
        await here.some(1)
        begun = time.monotonic()
        await other.call("POST", "/auth/logout")
        assert await there.next() is None
        assert time.monotonic() - begun < 1.5
        await send(employer, candidate, "still there?")
        assert await messages(here, 1) == ["still there?"]
    refused = await candidate.client.get("/api/v1/stream", headers=other.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "TOKEN_INVALID")


async def test_the_frontend_of_the_guide(pair: Pair, demo: System) -> None:
    """What docs/stream.md shows runs: here in Node.js, after a first connection that breaks."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    candidate, employer = pair
    [shown] = re.findall(r"```js\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    bearer = candidate.headers["Authorization"].removeprefix("Bearer ")
    script = shown + HARNESS.format(url=demo.url, token=bearer)
    process = await asyncio.create_subprocess_exec(
        node, "-e", script, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"ready {}\n"
            await send(employer, candidate, "Chào: bạn")
            said = [await process.stdout.readline() for _ in range(2)]
            assert await process.stdout.readline() == b"broken\n"
            await send(employer, candidate, "resumed")
            said += [await process.stdout.readline() for _ in range(2)]
    finally:
        process.kill()
        await process.wait()
    told = [line.decode().partition(" ") for line in said]
    contents = [orjson.loads(data)["content"] for kind, _, data in told if kind == "message"]
    assert contents == ["Chào: bạn", "resumed"]


async def test_other_methods(pair: Pair) -> None:
    candidate, _ = pair
    head = await candidate.client.head("/api/v1/stream", headers=candidate.headers)
    assert head.status_code == 200
    assert head.headers["content-type"].startswith("text/event-stream")
    refused = await candidate.client.post("/api/v1/stream", headers=candidate.headers)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_one_process_stops_with_open_streams() -> None:
    with one_process() as system:
        await stopped(system, "waymark")


@pytest.mark.soak
async def test_streams_end_with_their_gateway_too(postgres_url: str) -> None:
    with seven_processes(postgres_url, "streams") as system:
        await stopped(system, "gateway", "messaging")
        for name in ("messaging", "gateway"):
            assert "Traceback" not in system.log(name)
