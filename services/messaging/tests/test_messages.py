"""Writing to somebody, and reading what was written."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.contracts.auth import UserErased
from libs.common.contracts.messaging import MessageSent, NotificationCreated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person

ASKED = "Cho mình hỏi thời gian phỏng vấn cụ thể ạ?"


async def write(
    bench: Bench,
    sender_id: UUID,
    receiver_id: UUID | str,
    content: str = ASKED,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    return await bench.client.post(
        "/api/v1/messages",
        json={"receiverId": str(receiver_id), "content": content},
        headers=signed_in(Role.CANDIDATE, sender_id) | dict(headers or {}),
    )


async def read(bench: Bench, me: UUID, other: UUID | str, **query: Any) -> httpx.Response:
    return await bench.client.get(
        "/api/v1/messages",
        params={"with_user_id": str(other), **query},
        headers=signed_in(Role.CANDIDATE, me),
    )


async def chat(bench: Bench, length: int) -> tuple[UUID, UUID, list[str]]:
    """Let two people write to each other by turns; return them and the messages' ids."""
    one, two = a_person(), a_person()
    await bench.hear(one, two)
    ids = []
    for turn in range(length):
        pair = (one.user_id, two.user_id) if turn % 2 else (two.user_id, one.user_id)
        ids.append((await write(bench, *pair, f"{turn}")).json()["data"]["messageId"])
    return one.user_id, two.user_id, ids


async def test_the_seeds_sample(bench: Bench) -> None:
    me, receiver = new_id(), a_person()
    await bench.hear(receiver)
    answer = await write(bench, me, receiver.user_id)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["message"], body["error"]) == ("Gửi tin nhắn thành công", None)
    assert set(body["data"]) == {"messageId", "receiverId", "sendTime", "status"}
    assert body["data"]["receiverId"] == str(receiver.user_id)
    assert body["data"]["status"] == "Sent"
    assert body["data"]["sendTime"].endswith("Z")
    sent, notified = await bench.published()
    assert sent == MessageSent(
        message_id=UUID(body["data"]["messageId"]),
        sender_id=me,
        receiver_id=receiver.user_id,
        sent_at=body["data"]["sendTime"],
        first=True,
    )
    assert isinstance(notified, NotificationCreated)
    assert (notified.user_id, notified.type) == (receiver.user_id, "Message")


async def test_a_conversation_reads_the_same_from_both_sides(bench: Bench) -> None:
    one, two, ids = await chat(bench, 3)
    await write(bench, new_id(), one, "from a third person")
    answer, mirrored = await read(bench, one, two), await read(bench, two, one)
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "3")
    assert answer.content == mirrored.content
    body = answer.json()
    assert body["message"] == "Lấy lịch sử tin nhắn thành công"
    assert [set(message) for message in body["data"]] == [
        {"messageId", "senderId", "content", "createdAt"}
    ] * 3
    seen = [(m["messageId"], m["senderId"], m["content"]) for m in body["data"]]
    assert seen == list(zip(ids, map(str, (two, one, two)), "012", strict=True))


async def test_pages_of_a_conversation(bench: Bench) -> None:
    one, two, ids = await chat(bench, 5)

    async def seen(**query: Any) -> list[int]:
        rows = (await read(bench, one, two, **query)).json()["data"]
        return [ids.index(row["messageId"]) for row in rows]

    assert await seen(limit=2) == [0, 1]
    assert await seen(limit=2, offset=4) == [4]
    assert await seen(after=ids[2]) == [3, 4]
    assert await seen(after=ids[1], limit=2) == [2, 3]
    assert await seen(before=ids[2]) == [0, 1]
    assert await seen(before=ids[4], limit=2) == [2, 3]
    assert await seen(before=ids[4], limit=2, offset=2) == [0, 1]
    assert await seen(after=ids[0], before=ids[4]) == [1, 2, 3]
    assert await seen(before=ids[0]) == []


async def test_strangers_have_an_empty_conversation(bench: Bench) -> None:
    one, _, _ = await chat(bench, 1)
    for other in (new_id(), "2002"):
        answer = await read(bench, one, other)
        assert (answer.status_code, answer.json()["data"]) == (200, [])


async def test_only_the_signed_in_write_and_read(bench: Bench) -> None:
    body = {"receiverId": str(new_id()), "content": ASKED}
    path = f"/api/v1/messages?with_user_id={new_id()}"
    assert (await bench.client.post(path, json=body)).status_code == 401
    assert (await bench.client.get(path)).status_code == 401


async def test_receivers_must_exist_and_be_active(bench: Bench) -> None:
    inactive = a_person(is_active=False)
    await bench.hear(inactive)
    for receiver in (inactive.user_id, new_id(), "2002"):
        answer = await write(bench, new_id(), receiver)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RECEIVER_NOT_FOUND")
    assert await bench.published() == []


async def test_nobody_writes_to_himself(bench: Bench) -> None:
    me = a_person()
    await bench.hear(me)
    answer = await write(bench, me.user_id, me.user_id, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CANNOT_MESSAGE_SELF")
    assert answer.json()["message"] == "You cannot write to yourself."


async def test_one_key_sends_one_message(bench: Bench) -> None:
    receiver, me = a_person(), new_id()
    await bench.hear(receiver)
    key = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(
        *(write(bench, me, receiver.user_id, headers=key) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await bench.rows("SELECT id FROM messages")) == 1
    assert len(await bench.rows("SELECT id FROM notifications")) == 1
    assert len(await bench.published()) == 2


async def test_the_longest_message_is_trimmed_and_in_nfc(bench: Bench) -> None:
    receiver = a_person()
    await bench.hear(receiver)
    answer = await write(bench, new_id(), receiver.user_id, " \n" + "e\u0301" * 2500 + "\t ")
    assert answer.status_code == 201
    assert await bench.rows("SELECT content FROM messages") == [{"content": "é" * 2500}]


@pytest.mark.parametrize("content", ["?", "…", "👍🏽", "\U0001fae9", "ok\u200b\nvâng"])
async def test_whatever_shows_is_a_message(bench: Bench, content: str) -> None:
    one, two, _ = await chat(bench, 0)
    assert (await write(bench, one, two, content)).status_code == 201
    [message] = (await read(bench, two, one)).json()["data"]
    assert message["content"] == content


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": " \n\t\u00a0"}, "content"),
        ({"content": "a" * 5001}, "content"),
        ({"content": "a\0"}, "content"),
        ({"content": " \u200b\ufeff\n\u00ad"}, "content"),
        ({"content": "\u0007"}, "content"),
        ({"content": "\u3164\ufe0f"}, "content"),
        ({"content": None}, "content"),
        ({"content": 5}, "content"),
        ({"receiverId": 2002}, "receiverId"),
        ({"receiverId": None}, "receiverId"),
        ({"senderId": "1"}, "senderId"),
    ],
)
async def test_bad_bodies(bench: Bench, changes: dict[str, Any], field: str) -> None:
    receiver = a_person()
    await bench.hear(receiver)
    body = {"receiverId": str(receiver.user_id), "content": ASKED} | changes
    headers = signed_in(Role.CANDIDATE)
    answer = await bench.client.post("/api/v1/messages", json=body, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert field in {problem["field"] for problem in error["details"]}
    assert await bench.published() == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        *("?with_user_id=2002&limit=101", "?with_user_id=1&offset=x"),
        *("?with_user_id=1&before=no+id", "?with_user_id=1&after=no+id"),
    ],
)
async def test_bad_queries(bench: Bench, query: str) -> None:
    headers = signed_in(Role.CANDIDATE)
    answer = await bench.client.get(f"/api/v1/messages{query}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_who_was_erased_in_this_moment_writes_no_more(bench: Bench) -> None:
    one, two, [_, last] = await chat(bench, 2)
    await bench.hear(UserErased(user_id=one, role="Candidate", erasure_id=new_id()))
    answer = await write(bench, one, two)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_INVALID")
    assert [row["messageId"] for row in (await read(bench, two, one)).json()["data"]][-1] == last
    assert await bench.rows("SELECT user_id FROM conversations WHERE user_id = :one", one=one) == []
