"""Conversations: the last message, what is unread, and reading it."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.contracts.auth import UserErased
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person, moved
from services.messaging.tests.test_feeds import cursor, pages
from services.messaging.tests.test_messages import chat, read, write

PATH = "/api/v1/conversations"


async def conversations(bench: Bench, me: UUID, language: str = "vi") -> list[dict[str, Any]]:
    headers = signed_in(Role.CANDIDATE, me) | {"Accept-Language": language}
    answer = await bench.client.get(f"{PATH}?limit=100", headers=headers)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    assert answer.headers["x-total-count"] == str(len(rows))
    return rows


async def have_read(bench: Bench, me: UUID, other: Any, **body: Any) -> httpx.Response:
    return await bench.client.put(
        "/api/v1/messages/read",
        json={"withUserId": str(other), **body},
        headers=signed_in(Role.CANDIDATE, me),
    )


async def unread_notifications(bench: Bench, me: UUID) -> int:
    rows = await bench.rows(
        "SELECT id FROM notifications WHERE user_id = :me AND NOT is_read", me=me
    )
    return len(rows)


async def test_what_a_conversation_shows_each_side(bench: Bench) -> None:
    one = a_person(name="Nguyễn Văn Hoàng", avatar_url="store:avatars/me.webp")
    two = a_person(name="HR FPT", avatar_url="https://x.example/logo.png")
    await bench.hear(one, two)
    await write(bench, one.user_id, two.user_id, "Chào anh")
    sent = (await write(bench, one.user_id, two.user_id, "Có ai không ạ?")).json()["data"]
    [seen] = await conversations(bench, two.user_id)
    assert seen.pop("avatar").startswith("http://localhost:8000/api/v1/files/avatars/me.webp?")
    last = {
        "messageId": sent["messageId"],
        "senderId": str(one.user_id),
        "content": "Có ai không ạ?",
        "createdAt": sent["sendTime"],
    }
    assert seen == {
        "userId": str(one.user_id),
        "name": "Nguyễn Văn Hoàng",
        "lastMessage": last,
        "unreadCount": 2,
    }
    assert await conversations(bench, one.user_id) == [
        {
            "userId": str(two.user_id),
            "name": "HR FPT",
            "avatar": "https://x.example/logo.png",
            "lastMessage": last,
            "unreadCount": 0,
        }
    ]
    assert await conversations(bench, new_id()) == []


async def test_the_last_written_to_comes_first(bench: Bench) -> None:
    me, others = a_person(), [a_person(name=f"{number}") for number in range(3)]
    await bench.hear(me, *others)
    for other in others:
        await write(bench, other.user_id, me.user_id)
    await write(bench, me.user_id, others[0].user_id, "back to the first")
    rows = await conversations(bench, me.user_id)
    assert [(row["name"], row["unreadCount"]) for row in rows] == [("0", 1), ("2", 1), ("1", 1)]
    assert rows[0]["lastMessage"]["content"] == "back to the first"


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
async def test_conversations_are_walked_once_each_while_more_begin(
    bench: Bench, limit: int
) -> None:
    me, others = a_person(), [a_person() for _ in range(5)]
    await bench.hear(me, *others)
    for other in others[:4]:
        await write(bench, other.user_id, me.user_id)
    met: list[str] = []
    async for rows in pages(bench, me.user_id, f"{PATH}?limit={limit}"):
        met += [row["userId"] for row in rows]
        await write(bench, others[4].user_id, me.user_id)
    assert met == [str(other.user_id) for other in others[3::-1]]


@pytest.mark.parametrize("bad", ["x", cursor(5)])
async def test_bad_cursors_are_refused(bench: Bench, bad: str) -> None:
    answer = await bench.client.get(f"{PATH}?cursor={bad}", headers=signed_in(Role.ADMIN))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_the_erased_and_the_unheard_of_have_no_name(bench: Bench) -> None:
    me, erased, unheard_of = a_person(), a_person(avatar_url="store:avatars/x.webp"), new_id()
    await bench.hear(me, erased)
    await write(bench, erased.user_id, me.user_id, "still there")
    await write(bench, unheard_of, me.user_id)
    await bench.hear(UserErased(user_id=erased.user_id, role="Candidate", erasure_id=new_id()))
    for language, name in (("vi", "một người dùng"), ("en", "somebody")):
        rows = await conversations(bench, me.user_id, language)
        assert [(row["name"], row["avatar"]) for row in rows] == [(name, None)] * 2
        assert [row["unreadCount"] for row in rows] == [1, 1]
    [text] = (await read(bench, me.user_id, erased.user_id)).json()["data"]
    assert (text["content"], text["senderId"]) == ("still there", str(erased.user_id))


async def test_reading_all_of_somebody(bench: Bench) -> None:
    me, other, ids = await chat(bench, 6)
    third = a_person()
    await bench.hear(third)
    await write(bench, third.user_id, me)
    await bench.hear(moved(candidate_id=me, employer_id=other))
    assert await unread_notifications(bench, me) == 5
    for _ in range(2):
        answer = await have_read(bench, me, other)
        assert answer.json() == {
            "message": "Đã đánh dấu đã đọc tin nhắn",
            "data": {"withUserId": str(other), "unreadCount": 0},
            "error": None,
        }
    unread = {row["userId"]: row["unreadCount"] for row in await conversations(bench, me)}
    assert unread == {str(other): 0, str(third.user_id): 1}
    assert [row["unreadCount"] for row in await conversations(bench, other)] == [3], "not his"
    assert await unread_notifications(bench, me) == 2, "the third's, and of the application"
    assert await unread_notifications(bench, other) == 3
    assert len(ids) == 6


async def test_reading_up_to_a_message(bench: Bench) -> None:
    me, other, ids = await chat(bench, 6)  # he wrote the first, third and fifth
    for up_to, left in ((ids[1], 2), (ids[0], 2), (ids[2], 1)):
        answer = await have_read(bench, me, other, upTo=up_to)
        assert answer.json()["data"] == {"withUserId": str(other), "unreadCount": left}
        assert [row["unreadCount"] for row in await conversations(bench, me)] == [left]
        assert await unread_notifications(bench, me) == 3, "until nothing of his is unread"
    answer = await have_read(bench, me, other, upTo=ids[4])
    assert answer.json()["data"]["unreadCount"] == 0
    assert await unread_notifications(bench, me) == 0


async def test_nothing_of_strangers_is_unread_and_nobody_is_no_stranger(bench: Bench) -> None:
    me, _, _ = await chat(bench, 1)
    stranger, gone = a_person(), a_person()
    erased = UserErased(user_id=gone.user_id, role="Candidate", erasure_id=new_id())
    await bench.hear(stranger, gone, erased)
    for other in (stranger.user_id, gone.user_id, me):
        answer = await have_read(bench, me, other)
        assert (answer.status_code, answer.json()["data"]["unreadCount"]) == (200, 0)
    for nobody in (new_id(), "2002"):
        answer = await have_read(bench, me, nobody)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "withUserId"),
        ({"withUserId": str(new_id()), "upTo": "no id of ours"}, "upTo"),
        ({"withUserId": 5}, "withUserId"),
        ({"withUserId": None}, "withUserId"),
        ({"withUserId": "1", "upTo": 5}, "upTo"),
        ({"withUserId": "1", "all": True}, "all"),
    ],
)
async def test_bad_bodies(bench: Bench, body: dict[str, Any], field: str) -> None:
    headers = signed_in(Role.CANDIDATE)
    answer = await bench.client.put("/api/v1/messages/read", json=body, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert {problem["field"] for problem in error["details"]} == {field}


async def test_only_the_signed_in_see_and_read(bench: Bench) -> None:
    assert (await bench.client.get(PATH)).status_code == 401
    body = {"withUserId": str(new_id())}
    assert (await bench.client.put("/api/v1/messages/read", json=body)).status_code == 401
