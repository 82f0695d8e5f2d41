"""A person's messages and notifications: his copy, and what is left when he is erased."""

from typing import Any
from uuid import uuid4

import orjson
import pytest

from libs.common.contracts.auth import UserErased, UserRegistered, UserUpdated
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.events import Event, Message
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person, moved, submitted
from services.messaging.tests.test_blocks import block
from services.messaging.tests.test_messages import read, write

CANDIDATE = a_person(role="Candidate", name="Nguyễn Văn Hoàng", avatar_url="store:avatars/me.webp")
EMPLOYER = a_person()
US: dict[str, Any] = {"candidate_id": CANDIDATE.user_id, "employer_id": EMPLOYER.user_id}
ERASED = UserErased(user_id=CANDIDATE.user_id, role="Candidate", erasure_id=uuid4())
LATE = [
    UserRegistered(**CANDIDATE.model_dump() | {"is_active": False, "version": 1}),
    CANDIDATE,
    UserUpdated(**CANDIDATE.model_dump() | {"name": "Hoàng", "version": 3}),
]


async def lived(bench: Bench) -> None:
    """Let the two write to each other, and be told of an application."""
    await bench.hear(CANDIDATE, EMPLOYER, submitted(**US), moved(**US))
    one, two = US.values()
    for sender, receiver in ((one, two), (two, one)):
        answer = await write(bench, sender, receiver, headers={"Idempotency-Key": "1"})
        assert answer.status_code == 201
    for me, other in ((one, two), (two, one)):
        assert (await block(bench, me, other)).status_code == 200


async def test_a_copy_holds_what_he_wrote_and_read(bench: Bench) -> None:
    await lived(bench)
    mine = signed_in(Role.CANDIDATE, CANDIDATE.user_id)
    copy = (await bench.client.get("/internal/personal-data", headers=mine)).json()
    assert copy["person"]["name"] == "Nguyễn Văn Hoàng"
    assert len(copy["messages"]) == 2
    assert {one["senderId"] for one in copy["messages"]} == {str(one) for one in US.values()}
    assert [one["type"] for one in copy["notifications"]] == ["ApplyStatus", "Message"]
    assert copy["messages"][0]["sentAt"].endswith("Z")
    me, other = map(str, US.values())
    [held] = copy["conversations"]
    assert (held["userId"], held["otherId"]) == (me, other)
    assert held["lastMessageId"] == copy["messages"][-1]["id"]
    [blocked] = copy["blocks"]
    assert (blocked["userId"], blocked["blockedId"]) == (me, other)


async def test_a_copy_is_nobodys_but_his(bench: Bench) -> None:
    await lived(bench)
    stranger = signed_in(Role.EMPLOYER)
    copy = (await bench.client.get("/internal/personal-data", headers=stranger)).json()
    assert {"messages", "conversations", "blocks", "notifications"} <= copy.keys()
    assert [name for name, held in copy.items() if held] == []
    assert (await bench.client.get("/internal/personal-data")).status_code == 401


async def test_an_erased_person_leaves_only_what_he_wrote(bench: Bench) -> None:
    await lived(bench)
    for _ in range(2):
        await bench.hear(ERASED)
    [kept, other] = await bench.rows("SELECT * FROM person_snapshots ORDER BY name")
    assert (kept["name"], kept["avatar_url"], kept["is_active"]) == ("", None, False)
    assert other["name"] == "HR FPT"
    assert len((await read(bench, EMPLOYER.user_id, CANDIDATE.user_id)).json()["data"]) == 2
    told = await bench.client.get(
        "/api/v1/notifications", headers=signed_in(Role.EMPLOYER, EMPLOYER.user_id)
    )
    assert {one["content"] for one in told.json()["data"]} == {
        "Bạn có tin nhắn mới từ một người dùng.",
        "Vị trí Senior {Backend} Developer có hồ sơ mới từ một người dùng.",
    }
    notified = await bench.rows("SELECT DISTINCT user_id FROM notifications")
    assert notified == [{"user_id": EMPLOYER.user_id}]
    assert await bench.rows("SELECT DISTINCT user_id FROM stream_items") == notified
    assert await bench.rows("SELECT user_id FROM idempotency") == notified
    assert await bench.rows("SELECT user_id FROM conversations") == notified
    assert await bench.rows("SELECT user_id FROM blocks") == []


async def test_each_telling_brings_a_receipt(bench: Bench) -> None:
    await bench.hear(ERASED, ERASED)
    receipts = await bench.published()
    assert [type(one) for one in receipts] == [PersonalDataErased, PersonalDataErased]
    assert {(one.erasure_id, one.service) for one in receipts} == {  # type: ignore[attr-defined]
        (ERASED.erasure_id, "messaging")
    }
    [row, _] = await bench.rows("SELECT body FROM outbox")
    assert orjson.loads(row["body"])["source"] == "/services/messaging"


async def test_nobody_writes_to_the_erased(bench: Bench) -> None:
    await lived(bench)
    await bench.hear(ERASED)
    answer = await write(bench, EMPLOYER.user_id, CANDIDATE.user_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RECEIVER_NOT_FOUND")


@pytest.mark.parametrize("late", [LATE, LATE[::-1]])
async def test_what_is_heard_late_raises_nobody_from_the_dead(
    bench: Bench, late: list[Event]
) -> None:
    await bench.hear(EMPLOYER, ERASED)
    for event in (*late, moved(**US), submitted(**US)):
        await bench.hear(event)
    [kept] = await bench.rows(
        "SELECT name, is_active FROM person_snapshots WHERE user_id = :id", id=CANDIDATE.user_id
    )
    assert kept == {"name": "", "is_active": False}
    assert await bench.rows("SELECT user_id FROM notifications") == [{"user_id": EMPLOYER.user_id}]


async def test_what_waits_or_is_dead_is_forgotten_too(bench: Bench) -> None:
    """But not what waits for others, though it bears his id."""
    about_him = [LATE[2], submitted(**US | {"candidate_name": "Nguyễn Văn Hoàng"})]
    about_others = [EMPLOYER, moved(employer_id=CANDIDATE.user_id, candidate_id=new_id())]
    await bench.worker.accept([Message.of(event) for event in (*about_him, *about_others)])
    async with bench.db.write() as session:
        await session.run(
            "UPDATE inbox SET state = CASE name WHEN 'user.updated' THEN 'dead' ELSE state END,"
            " due_at = now() + interval '1 hour'"
        )
    await bench.hear(ERASED)
    left = await bench.rows("SELECT name FROM inbox WHERE state <> 'done' ORDER BY name")
    assert left == [{"name": "application.status_changed"}, {"name": "user.activated"}]
