"""Conversations and notifications read page by page, by their links, while more arrive."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from libs.common.identity import Role
from libs.common.ids import NIL
from libs.common.testing import Bench, signed_in
from services.messaging.tests.samples import a_person, moved
from services.messaging.tests.test_messages import chat, write

MESSAGES, NOTIFICATIONS = "/api/v1/messages", "/api/v1/notifications"


async def pages(bench: Bench, me: UUID, address: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the rows on each page, from the first to the last."""
    for _ in range(20):
        answer = await bench.client.get(address, headers=signed_in(Role.CANDIDATE, me))
        assert answer.status_code == 200, answer.text
        yield answer.json()["data"]
        if "next" not in answer.links:
            return
        address = answer.links["next"]["url"]
    pytest.fail("the links lead on for ever")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_a_conversation_is_walked_forward_to_what_was_written_meanwhile(
    bench: Bench, limit: int
) -> None:
    one, two, ids = await chat(bench, 5)
    met: list[str] = []
    async for rows in pages(bench, one, f"{MESSAGES}?with_user_id={two}&limit={limit}"):
        assert 0 < len(rows) <= limit
        met += [row["messageId"] for row in rows]
        if len(ids) < 8:
            ids.append((await write(bench, one, two, "more")).json()["data"]["messageId"])
    assert met == ids[: len(met)]
    assert len(met) >= 5


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
async def test_before_a_message_the_walk_goes_back(bench: Bench, limit: int) -> None:
    one, two, ids = await chat(bench, 5)
    met: list[str] = []
    address = f"{MESSAGES}?with_user_id={two}&before={ids[4]}&limit={limit}"
    async for rows in pages(bench, one, address):
        met = [row["messageId"] for row in rows] + met
        await write(bench, one, two, "more")
    assert met == ids[:4]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_each_old_notification_is_met_once_whatever_arrives(bench: Bench, limit: int) -> None:
    me = a_person().user_id
    await bench.hear(*(moved(candidate_id=me, job_title=f"{number}") for number in range(5)))
    rows = await bench.rows("SELECT CAST(id AS text) AS id FROM notifications ORDER BY id DESC")
    met: list[str] = []
    async for page in pages(bench, me, f"{NOTIFICATIONS}?limit={limit}"):
        met += [row["id"] for row in page]
        await bench.hear(moved(candidate_id=me))
    assert met == [row["id"] for row in rows]


async def test_reading_the_unread_hides_none_of_them(bench: Bench) -> None:
    me = a_person().user_id
    await bench.hear(*(moved(candidate_id=me) for _ in range(5)))
    met = set()
    async for page in pages(bench, me, f"{NOTIFICATIONS}?is_read=false&limit=2"):
        for row in page:
            met.add(row["id"])
            path, headers = f"{NOTIFICATIONS}/{row['id']}/read", signed_in(Role.CANDIDATE, me)
            assert (await bench.client.put(path, headers=headers)).status_code == 200
    assert len(met) == 5


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


@pytest.mark.parametrize("address", [f"{MESSAGES}?with_user_id=1", f"{NOTIFICATIONS}?limit=1"])
@pytest.mark.parametrize(
    "query",
    [
        *("cursor=", "cursor=%00", "cursor=x", "cursor=" + "A" * 5000),
        f"cursor={cursor('2026-01-01T00:00:00Z', NIL)}",
        f"cursor={cursor(5)}",
        f"cursor={cursor(NIL)}&offset=1",
    ],
)
async def test_bad_cursors_are_refused(bench: Bench, address: str, query: str) -> None:
    answer = await bench.client.get(f"{address}&{query}", headers=signed_in(Role.CANDIDATE))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in error["details"]] == ["cursor"]
