"""Blocks: who is blocked cannot write, who blocks still may."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.contracts.auth import UserErased
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person
from services.messaging.tests.test_messages import write

PATH = "/api/v1/users/me/blocks"


async def block(
    bench: Bench, me: UUID, other: UUID | str, method: str = "PUT", language: str = "vi"
) -> httpx.Response:
    headers = signed_in(Role.CANDIDATE, me) | {"Accept-Language": language}
    return await bench.client.request(method, f"{PATH}/{other}", headers=headers)


async def blocked_by(bench: Bench, me: UUID, query: str = "") -> list[dict[str, Any]]:
    answer = await bench.client.get(f"{PATH}{query}", headers=signed_in(Role.CANDIDATE, me))
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def two_people(bench: Bench) -> tuple[UUID, UUID]:
    one, two = a_person(name="Nguyễn Văn Hoàng"), a_person(name="HR FPT")
    await bench.hear(one, two)
    return one.user_id, two.user_id


async def test_who_is_blocked_cannot_write_and_who_blocks_may(bench: Bench) -> None:
    me, other = await two_people(bench)
    answer = await block(bench, me, other)
    assert answer.json() == {
        "message": "Đã chặn người dùng",
        "data": {"userId": str(other), "isBlocked": True},
        "error": None,
    }
    for language, said in (
        ("vi", "Người này không nhận tin nhắn từ bạn."),
        ("en", "This person does not want messages from you."),
    ):
        refused = await write(bench, other, me, headers={"Accept-Language": language})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "BLOCKED")
        assert refused.json()["message"] == said
    assert await bench.rows("SELECT id FROM messages") == []
    assert await bench.published() == []
    assert (await write(bench, me, other)).status_code == 201
    assert (await write(bench, new_id(), me)).status_code == 201, "others are not meant"


async def test_unblocked_he_writes_again(bench: Bench) -> None:
    me, other = await two_people(bench)
    await block(bench, me, other)
    await block(bench, other, me)
    for _ in range(2):
        answer = await block(bench, me, other, "DELETE", "en")
        assert (answer.status_code, answer.json()["message"]) == (200, "No longer blocked")
        assert answer.json()["data"] == {"userId": str(other), "isBlocked": False}
    assert (await write(bench, other, me)).status_code == 201
    assert (await write(bench, me, other)).status_code == 403, "his own block stands"
    for nobody in (new_id(), "2002"):
        answer = await block(bench, me, nobody, "DELETE")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_blocking_twice_is_blocking_once(bench: Bench) -> None:
    me, other = await two_people(bench)
    answers = await asyncio.gather(*(block(bench, me, other) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    [row] = await blocked_by(bench, me)
    assert row == {
        "userId": str(other),
        "name": "HR FPT",
        "avatar": None,
        "since": row["since"],
    }
    assert row["since"].endswith("Z")
    await block(bench, me, other)
    assert await blocked_by(bench, me) == [row]
    assert await blocked_by(bench, other) == []


async def test_the_list_is_newest_first_by_page_with_pictures(bench: Bench) -> None:
    me = new_id()
    people = [a_person(name=f"{n}", avatar_url=f"store:avatars/{n}.webp") for n in range(3)]
    await bench.hear(*people)
    for person in people:
        await block(bench, me, person.user_id)
    answer = await bench.client.get(f"{PATH}?limit=2", headers=signed_in(Role.EMPLOYER, me))
    assert answer.headers["x-total-count"] == "3"
    assert [row["name"] for row in answer.json()["data"]] == ["2", "1"]
    assert "/api/v1/files/avatars/2.webp?expires=" in answer.json()["data"][0]["avatar"]
    assert [row["name"] for row in await blocked_by(bench, me, "?limit=2&offset=2")] == ["0"]


async def test_whom_one_cannot_block(bench: Bench) -> None:
    me, other = await two_people(bench)
    await bench.hear(UserErased(user_id=other, role="Candidate", erasure_id=new_id()))
    answer = await block(bench, me, me, language="en")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CANNOT_BLOCK_SELF")
    assert answer.json()["message"] == "You cannot block yourself."
    for nobody in (other, new_id(), "2002"):
        answer = await block(bench, me, nobody)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert await blocked_by(bench, me) == []


async def test_the_inactive_can_be_blocked(bench: Bench) -> None:
    inactive = a_person(is_active=False)
    await bench.hear(inactive)
    assert (await block(bench, new_id(), inactive.user_id)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
async def test_only_the_signed_in_block(bench: Bench, method: str) -> None:
    path = PATH if method == "GET" else f"{PATH}/{new_id()}"
    answer = await bench.client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_once_the_block_is_answered_nothing_more_comes(bench: Bench) -> None:
    me, other = await two_people(bench)

    async def block_then_count() -> int:
        assert (await block(bench, me, other)).status_code == 200
        return len(await bench.rows("SELECT id FROM messages"))

    writes = [write(bench, other, me, f"{number}") for number in range(30)]
    count, answers = await asyncio.gather(block_then_count(), asyncio.gather(*writes))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 403}
    assert len(await bench.rows("SELECT id FROM messages")) == statuses.count(201) == count


async def test_who_was_erased_in_this_moment_blocks_nobody(bench: Bench) -> None:
    me, other = await two_people(bench)
    await bench.hear(UserErased(user_id=me, role="Candidate", erasure_id=new_id()))
    answer = await block(bench, me, other)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "TOKEN_INVALID")
    assert await bench.rows("SELECT * FROM blocks") == []
