"""Many at once on one conversation: one order, no deadlock, and counts that never drift."""

import asyncio
import random
from collections.abc import Iterator
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.contracts.messaging import MessageSent
from libs.common.ids import new_id
from libs.common.testing import Bench
from services.messaging.rules import id_after
from services.messaging.tests.samples import a_person
from services.messaging.tests.test_blocks import block
from services.messaging.tests.test_conversations import conversations, have_read
from services.messaging.tests.test_messages import chat, read, write

UNLIKE = """
    SELECT message.id FROM messages AS message
    LEFT JOIN notifications AS notice ON notice.origin = 'message.sent ' || message.id
    WHERE notice.is_read IS DISTINCT FROM message.is_read
"""
"""Messages of which the notification is missing, or says otherwise whether they were read."""


async def test_both_write_at_once_and_a_reader_misses_nothing(bench: Bench) -> None:
    one, two, ids = await chat(bench, 1)
    writing = asyncio.gather(
        *(write(bench, *pair, f"{n}") for n in range(25) for pair in ((one, two), (two, one)))
    )
    done = False
    while not done:
        done = writing.done()  # read once more after the last
        more = (await read(bench, one, two, after=ids[-1], limit=100)).json()["data"]
        ids += [message["messageId"] for message in more]
    answers = await writing
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(ids[1:]) == sorted(one.json()["data"]["messageId"] for one in answers)
    assert ids == sorted(ids), "a later id was never there before an earlier one"
    mirrored = (await read(bench, two, one, limit=100)).json()["data"]
    assert [message["messageId"] for message in mirrored] == ids
    for me in (one, two):
        [seen] = await conversations(bench, me)
        assert seen["lastMessage"]["messageId"] == ids[-1]
        assert seen["unreadCount"] == 25 + (me == one)


async def test_one_first_message_each_way_however_many_at_once(bench: Bench) -> None:
    one, two = a_person(), a_person()
    await bench.hear(one, two)
    pairs = [*permutations((one.user_id, two.user_id), 2)] * 10
    await asyncio.gather(*(write(bench, me, other) for me, other in pairs))
    sent = [event for event in await bench.published() if isinstance(event, MessageSent)]
    assert len(sent) == 20
    first = sorted(event.sender_id for event in sent if event.first)
    assert first == sorted([one.user_id, two.user_id])


async def test_what_comes_while_reading_is_unread(bench: Bench) -> None:
    one, two, _ = await chat(bench, 1)
    work: list[Any] = [write(bench, two, one, f"{number}") for number in range(40)]
    for place in range(0, 40, 4):
        work.insert(place, have_read(bench, one, two))
    answers = await asyncio.gather(*work)
    assert {answer.status_code for answer in answers} == {200, 201}
    unread = "SELECT id FROM messages WHERE receiver_id = :me AND NOT is_read"
    left = await bench.rows(unread, me=one)
    [seen] = await conversations(bench, one)
    assert seen["unreadCount"] == len(left)
    assert await bench.rows(UNLIKE) == []
    assert (await have_read(bench, one, two)).json()["data"]["unreadCount"] == 0
    assert await bench.rows(UNLIKE) == []


async def test_fifty_write_to_one(bench: Bench) -> None:
    receiver, senders = a_person(), [new_id() for _ in range(50)]
    await bench.hear(receiver)
    answers = await asyncio.gather(*(write(bench, me, receiver.user_id) for me in senders))
    assert [answer.status_code for answer in answers] == [201] * 50
    rows = await conversations(bench, receiver.user_id)
    assert {row["userId"] for row in rows} == {str(sender) for sender in senders}
    assert {row["unreadCount"] for row in rows} == {1}
    ids = [row["lastMessage"]["messageId"] for row in rows]
    assert ids == sorted(ids, reverse=True)


async def test_who_is_erased_while_he_is_written_to_is_left_nothing(bench: Bench) -> None:
    one, two, _ = await chat(bench, 2)
    erased = UserErased(user_id=one, role="Candidate", erasure_id=new_id())
    work = [write(bench, two, one, f"{number}") for number in range(20)]
    blocks = [block(bench, two, one) for _ in range(5)]
    _, answers = await asyncio.gather(bench.hear(erased), asyncio.gather(*work, *blocks))
    assert {answer.status_code for answer in answers} <= {200, 201, 404}
    held = {"notifications": "user_id", "conversations": "user_id", "blocks": "blocked_id"}
    for table, column in held.items():
        left = await bench.rows(f"SELECT {column} FROM {table} WHERE {column} = :one", one=one)
        assert left == [], table


async def test_a_clock_that_is_behind_makes_no_earlier_id(bench: Bench) -> None:
    one, two, ids = await chat(bench, 1)
    ahead = UUID(int=new_id().int + (3_600_000 << 80))  # an hour, in the milliseconds on top
    async with bench.db.write() as session:
        for table, column in (("messages", "id"), ("conversations", "last_message_id")):
            await session.run(f"UPDATE {table} SET {column} = '{ahead}'")
    later = [(await write(bench, *pair)).json()["data"]["messageId"] for pair in ((one, two),) * 2]
    assert later == [str(id_after(ahead, UUID(int=ahead.int + n))) for n in (0, 1)]
    listed = (await read(bench, two, one)).json()["data"]
    assert [message["messageId"] for message in listed] == [str(ahead), *later]
    assert ids[0] < later[0]


Pair = tuple[int, int]


class Model:
    """What people should find: of each pair, who wrote what and how much of it was read."""

    def __init__(self) -> None:
        self.unread: dict[Pair, list[str]] = {}
        """(reader, writer) -> ids of the messages that are not read, oldest first."""
        self.last: dict[frozenset[int], str] = {}
        self.blocked: set[Pair] = set()

    def wrote(self, writer: int, reader: int, message_id: str) -> None:
        self.unread.setdefault((reader, writer), []).append(message_id)
        self.last[frozenset((writer, reader))] = message_id

    def have_read(self, pair: Pair, up_to: str | None) -> int:
        left = [one for one in self.unread.get(pair, []) if up_to is not None and one > up_to]
        self.unread[pair] = left
        return len(left)

    def seen_by(self, me: int) -> Iterator[tuple[int, str, int]]:
        """Yield the other, the last message and the number of unread ones, newest first."""
        mine = [(last, pair - {me}) for pair, last in self.last.items() if me in pair]
        for last, others in sorted(mine, reverse=True):
            [other] = others
            yield other, last, len(self.unread.get((me, other), []))


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_done_the_counts_are_those_of_a_model(bench: Bench, seed: int) -> None:
    chance, model = random.Random(seed), Model()  # noqa: S311
    people = [a_person(name=f"{number}") for number in range(3)]
    await bench.hear(*people)
    ids, pairs = [person.user_id for person in people], [*permutations(range(3), 2)]
    for step in range(60):
        one, two = pair = chance.choice(pairs)
        match chance.choice(["write"] * 6 + ["read", "read up to", "block", "unblock"]):
            case "write":
                answer = await write(bench, ids[one], ids[two], f"{step}")
                assert answer.status_code == (403 if (two, one) in model.blocked else 201)
                if answer.status_code == 201:
                    model.wrote(one, two, answer.json()["data"]["messageId"])
            case "read":
                answer = await have_read(bench, ids[one], ids[two])
                assert answer.json()["data"]["unreadCount"] == model.have_read(pair, None)
            case "read up to" if model.unread.get(pair):
                up_to = chance.choice(model.unread[pair])
                answer = await have_read(bench, ids[one], ids[two], upTo=up_to)
                assert answer.json()["data"]["unreadCount"] == model.have_read(pair, up_to)
            case "block":
                assert (await block(bench, ids[one], ids[two])).status_code == 200
                model.blocked.add(pair)
            case "unblock":
                assert (await block(bench, ids[one], ids[two], "DELETE")).status_code == 200
                model.blocked.discard(pair)
        for me in pair:
            rows = await conversations(bench, ids[me])
            seen = [(int(r["name"]), r["lastMessage"]["messageId"], r["unreadCount"]) for r in rows]
            assert seen == [*model.seen_by(me)], f"after step {step}"
