"""Open streams over a real socket: live, resumed, in any order of commits, ended in time."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text

from libs.common import clock
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.sessions import WriteSession
from libs.common.testing import Bench, make_token, signed_in
from libs.common.testing_stream import Reader, reading, served
from services.messaging.commands.stream import Item, tell
from services.messaging.models import Message
from services.messaging.queries.stream import PAGE
from services.messaging.stream import hub, streams
from services.messaging.stream.cursor import Cursor
from services.messaging.tests.samples import a_person, moved


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which runs on a socket."""
    async with served(bench.app) as client:
        yield client


async def write_to(session: WriteSession, me: UUID, content: str) -> None:
    """Put a message into the database, and tell its receiver."""
    one = Message(sender_id=new_id(), receiver_id=me, content=content, sent_at=clock.now())
    session.add(one)
    tell(session, [Item(me, one.id, "message")])


async def written(bench: Bench, me: UUID, *contents: str) -> None:
    """Write messages to somebody, each in a transaction of its own."""
    for content in contents:
        async with bench.db.write() as session:
            await write_to(session, me, content)


async def contents(reader: Reader, count: int) -> list[str]:
    """Return what the next messages say."""
    return [event.data["content"] for event in await reader.some(count)]


@asynccontextmanager
async def ready(
    client: httpx.AsyncClient, me: UUID, last: str | None = None
) -> AsyncIterator[Reader]:
    """Open a stream that tells first that it is ready."""
    async with reading(client, signed_in(Role.CANDIDATE, me), last) as reader:
        [first] = await reader.some(1)
        assert first.kind == "ready"
        yield reader


async def last_id(client: httpx.AsyncClient, me: UUID) -> str:
    """Open a stream and leave it at once; return its first id."""
    async with reading(client, signed_in(Role.CANDIDATE, me)) as reader:
        return (await reader.some(1))[0].id


async def test_head_and_opening(client: httpx.AsyncClient) -> None:
    async with reading(client, signed_in(Role.EMPLOYER)) as reader:
        headers = reader.answer.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert "content-length" not in headers
        [first] = await reader.some(1)
        assert (first.kind, first.data, reader.retries) == ("ready", {}, [3000])


async def test_nobody_in_but_who_is_signed_in(client: httpx.AsyncClient) -> None:
    refused = await client.get("/api/v1/stream")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_head_is_answered_and_done(client: httpx.AsyncClient) -> None:
    headers = signed_in(Role.CANDIDATE) | {"X-Asked-Head": "1"}
    answer = await client.get("/api/v1/stream", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_message_is_told_to_both_within_a_second(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    sender, receiver = a_person(), a_person()
    await bench.hear(sender, receiver)
    async with ready(client, sender.user_id) as mine, ready(client, receiver.user_id) as theirs:
        body = {"receiverId": str(receiver.user_id), "content": "Chào bạn"}
        headers = signed_in(Role.EMPLOYER, sender.user_id)
        sent = (await client.post("/api/v1/messages", json=body, headers=headers)).json()["data"]
        [own] = await mine.some(1, within=1)
        told = {event.kind: event for event in await theirs.some(2, within=1)}
    shown = {"messageId": sent["messageId"], "senderId": str(sender.user_id),
             "receiverId": str(receiver.user_id), "content": "Chào bạn",
             "createdAt": sent["sendTime"]}  # fmt: skip
    assert (own.kind, own.data) == ("message", shown)
    assert told["message"].data == shown
    assert told["notification"].data["content"] == "Bạn có tin nhắn mới từ HR FPT."


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_notification_is_as_in_the_list_in_the_readers_language(
    bench: Bench, client: httpx.AsyncClient, language: str
) -> None:
    event = moved("Shortlisted")
    headers = signed_in(Role.CANDIDATE, event.candidate_id) | {"Accept-Language": language}
    async with reading(client, headers) as reader:
        await reader.some(1)
        await bench.hear(event)
        [told] = await reader.some(1, within=1)
    [listed] = (await client.get("/api/v1/notifications", headers=headers)).json()["data"]
    assert (told.kind, told.data) == ("notification", listed)


async def test_others_are_told_nothing(bench: Bench, client: httpx.AsyncClient) -> None:
    me, other = new_id(), new_id()
    async with ready(client, me) as mine, ready(client, other) as theirs:
        await written(bench, other, "for another")
        assert await contents(theirs, 1) == ["for another"]
        await written(bench, me, "for me")
        assert await contents(mine, 1) == ["for me"]


async def test_resumed_from_each_event_of_one_batch(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """Whichever event was the last to arrive: what follows it comes once, what precedes never."""
    me = new_id()
    ids = [await last_id(client, me)]
    async with bench.db.write() as session:
        for number in range(5):
            await write_to(session, me, str(number))
    async with reading(client, signed_in(Role.CANDIDATE, me), ids[0]) as reader:
        ids += [event.id for event in await reader.some(6)]
    assert len(set(ids)) == 6  # "ready" repeats the place of the last message
    for number, last in enumerate(ids[:5]):
        async with reading(client, signed_in(Role.CANDIDATE, me), last) as reader:
            assert await contents(reader, 5 - number) == [str(n) for n in range(number, 5)]
            assert (await reader.some(1))[0].kind == "ready"
    async with ready(client, me, ids[-1]) as reader:
        await written(bench, me, "later")
        assert await contents(reader, 1) == ["later"]


async def test_many_pages_are_caught_up_once_while_more_comes(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    me, many = new_id(), [str(number) for number in range(3 * PAGE + 7)]
    last = await last_id(client, me)
    await written(bench, me, *many)
    seen: list[str] = []
    for _ in range(len(many) + 1):  # the connection breaks after every 9 events
        async with reading(client, signed_in(Role.CANDIDATE, me), last) as reader:
            for _ in range(9):
                [event] = await reader.some(1)
                last = event.id
                if event.kind == "ready":
                    break
                seen.append(event.data["content"])
            if event.kind == "ready":
                break
        if len(seen) == 18:
            await written(bench, me, "meanwhile")
    assert seen == [*many, "meanwhile"]


async def test_a_burst_of_more_than_a_page(bench: Bench, client: httpx.AsyncClient) -> None:
    me, many = new_id(), [str(number) for number in range(2 * PAGE)]
    async with ready(client, me) as reader:
        async with bench.db.write() as session:
            for content in many:
                await write_to(session, me, content)
        assert await contents(reader, len(many)) == many
        await written(bench, me, "and on")
        assert await contents(reader, 1) == ["and on"]


async def test_commits_out_of_order(bench: Bench, client: httpx.AsyncClient) -> None:
    """The first to write is the last to commit: it is told late, and once."""
    me = new_id()
    async with ready(client, me) as reader:
        async with bench.db.write() as slow:
            await write_to(slow, me, "first written")
            await slow.flush()
            await written(bench, me, "second written")
            [event] = await reader.some(1)
            assert event.data["content"] == "second written"
        assert await contents(reader, 1) == ["first written"]
    async with reading(client, signed_in(Role.CANDIDATE, me), event.id) as again:
        assert await contents(again, 1) == ["first written"]
        assert (await again.some(1))[0].kind == "ready"


async def test_what_is_rolled_back_was_never_told(bench: Bench, client: httpx.AsyncClient) -> None:
    me = new_id()
    async with ready(client, me) as reader:
        async with bench.db.write() as session:
            await write_to(session, me, "never")
            await session.flush()
            await session.rollback()
        await written(bench, me, "but this")
        assert await contents(reader, 1) == ["but this"]


async def test_the_listening_connection_dies(bench: Bench, client: httpx.AsyncClient) -> None:
    me = new_id()
    async with ready(client, me) as reader:
        with psycopg.connect(bench.db.url, autocommit=True) as admin:
            killed = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN %messaging_stream%' OR query = 'SELECT 1'"
            ).fetchall()
        assert (True,) in killed
        await written(bench, me, "meanwhile")
        assert await contents(reader, 1) == ["meanwhile"]
        await written(bench, me, "after")
        assert await contents(reader, 1) == ["after"]


@pytest.mark.parametrize(
    "last",
    [
        *("garbage", "1-1:1:-"),
        f"{int(time.time())}-9:3:",
        f"{int(time.time())}-900000000000000000:900000000000000000:",
        str(Cursor(int(time.time()) - 25 * 3600, "5:5:")),
    ],
    ids=["unreadable", "no snapshot", "ends before it begins", "of the future", "too old"],
)
async def test_what_cannot_be_resumed_is_reset_and_goes_on(
    bench: Bench, client: httpx.AsyncClient, last: str
) -> None:
    me = new_id()
    await written(bench, me, "before")
    async with reading(client, signed_in(Role.CANDIDATE, me), last) as reader:
        [event] = await reader.some(1)
        assert event.kind == "reset"
        await written(bench, me, "after")
        assert await contents(reader, 1) == ["after"]
    async with reading(client, signed_in(Role.CANDIDATE, me), event.id) as again:
        assert await contents(again, 1) == ["after"]


async def test_rows_of_a_restored_dump_are_not_told_again_and_again(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """Their transactions are yet to come in this database."""
    me = new_id()
    await written(bench, me, "restored")
    async with bench.db.write() as session:
        await session.execute(text("UPDATE stream_items SET xact = '900000000000000000'"))
    async with ready(client, me) as reader:
        await written(bench, me, "new")
        assert await contents(reader, 1) == ["new"]


async def test_what_is_gone_is_passed_over(bench: Bench, client: httpx.AsyncClient) -> None:
    me = new_id()
    last = await last_id(client, me)
    await written(bench, me, "one", "two")
    async with bench.db.write() as session:
        await session.execute(text("DELETE FROM messages WHERE content = 'one'"))
    async with reading(client, signed_in(Role.CANDIDATE, me), last) as reader:
        assert await contents(reader, 1) == ["two"]


async def test_it_ends_with_its_token(client: httpx.AsyncClient) -> None:
    token = make_token(Role.CANDIDATE, new_id(), exp=int(time.time()) + 2)
    async with reading(client, {"Authorization": f"Bearer {token}"}) as reader:
        await reader.some(1)
        assert await reader.next(within=4) is None
    again = await client.get("/api/v1/stream", headers={"Authorization": f"Bearer {token}"})
    assert (again.status_code, again.json()["error"]["code"]) == (401, "TOKEN_EXPIRED")


async def test_it_ends_with_its_session_and_no_other(
    bench: Bench, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, session_id = new_id(), uuid4()
    token = make_token(Role.CANDIDATE, me, sid=str(session_id))

    async def revoked(since: str | None) -> dict[str, object]:
        return {"now": "1", "sessions": [str(session_id)]}

    async with (
        reading(client, {"Authorization": f"Bearer {token}"}) as mine,
        ready(client, me) as other,
    ):
        await mine.some(1)
        begun = time.monotonic()
        monkeypatch.setattr(bench.runtime.verifier, "_fetch_revoked", revoked)
        assert await mine.next() is None
        assert time.monotonic() - begun < 1.5
        await written(bench, me, "goes on")
        assert await contents(other, 1) == ["goes on"]


async def test_the_eleventh_ends_the_first(bench: Bench, client: httpx.AsyncClient) -> None:
    me = new_id()
    async with ready(client, me) as oldest:
        openings = [ready(client, me) for _ in range(hub.MOST_OF_ONE)]
        readers = [await one.__aenter__() for one in openings]
        assert await oldest.next() is None
        assert oldest.retries == [3000, 60000]
        await written(bench, me, "to all others")
        for reader in readers:
            assert await contents(reader, 1) == ["to all others"]
        for one in openings:
            await one.__aexit__(None, None, None)


async def test_it_beats(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.5)
    async with ready(client, new_id()) as reader:
        with pytest.raises(TimeoutError):
            await reader.next(within=3.5)
        assert reader.comments >= 2


async def test_who_leaves_is_forgotten(bench: Bench, client: httpx.AsyncClient) -> None:
    me = new_id()
    async with ready(client, me):
        assert me in bench.app.state.beside._streams
    end = time.monotonic() + 2
    while me in bench.app.state.beside._streams:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def test_a_thousand_people_are_told_by_one_statement(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    people = [new_id() for _ in range(1000)]
    async with ready(client, people[0]) as first, ready(client, people[-1]) as last:
        one = Message(sender_id=new_id(), receiver_id=new_id(), content="!", sent_at=clock.now())
        async with bench.db.write() as session:
            session.add(one)
            tell(session, [Item(person, one.id, "message") for person in people])
        assert await contents(first, 1) == await contents(last, 1) == ["!"]


async def test_nothing_piles_up_for_who_does_not_read(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """His news wait in their rows; when he reads at last, he gets all of them, once."""
    me, other, many = new_id(), new_id(), 400
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect((client.base_url.host, client.base_url.port))
        token = signed_in(Role.CANDIDATE, me)["Authorization"]
        stuck.send(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode()
        )
        async with ready(client, other) as reader:
            async with bench.db.write() as session:
                for _ in range(many):
                    await write_to(session, me, "ạ" * 5000)
            [stream] = bench.app.state.beside._streams[me]
            place = None
            while stream.cursor != place or not stream._chunk:  # until he is stuck
                place = stream.cursor
                await asyncio.sleep(0.2)
            assert len(stream._chunk) < PAGE * 16_000
            assert stream.cursor.upto is not None  # he is told by and by
            await written(bench, other, "meanwhile")
            assert await contents(reader, 1) == ["meanwhile"]
        await written(bench, me, "the last")
        stuck.settimeout(10)
        seen = bytearray()
        while b"the last" not in seen[-1000:]:
            seen += await asyncio.to_thread(stuck.recv, 1 << 20)
    assert len(set(re.findall(rb"event: message\nid: (\S+)", seen))) == many + 1
    assert len(re.findall(rb"event: message", seen)) == many + 1


async def test_what_is_old_is_purged(bench: Bench) -> None:
    me = new_id()
    await written(bench, me, "old", "new")
    async with bench.db.write() as session:
        await session.execute(
            text("UPDATE stream_items SET created_at = now() - interval '26 hours' WHERE item_id ="
                 " (SELECT id FROM messages WHERE content = 'old')")
        )  # fmt: skip
    [purge] = bench.service.tasks
    assert await purge.run(bench.db) == 1
    [left] = await bench.rows("SELECT content FROM messages JOIN stream_items ON item_id = id")
    assert left == {"content": "new"}
