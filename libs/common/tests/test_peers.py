"""Calls of another service: deadline, one retry, breaker, and the caller's token and trace."""

import asyncio
from typing import Any

import pytest

from libs.common import context
from libs.common.errors import ServiceUnavailable
from libs.common.peers import Peer


class Neighbour:
    """An ASGI app that answers as told, and remembers what it was asked."""

    def __init__(self, *statuses: int | None) -> None:
        self.statuses = list(statuses)
        self.asked: list[dict[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = {b"path": scope["path"].encode(), b"query": scope["query_string"]}
        self.asked.append(asked | dict(scope["headers"]))
        self.method = scope["method"]
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            await asyncio.Event().wait()
        if status == 0:
            raise ConnectionError("cut")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b'{"a": 1, "error": ', "more_body": True})
        await send({"type": "http.response.body", "body": b'{"code": "NO", "details": 2}}'})


async def test_the_answer_is_read_for_the_caller() -> None:
    neighbour = Neighbour(200)
    with context.entered(context.Context("req-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")):
        told = await Peer("n", neighbour).get("/internal/x", "a-token")
    assert told["a"] == 1
    [asked] = neighbour.asked
    assert asked[b"path"] == b"/internal/x"
    assert asked[b"authorization"] == b"Bearer a-token"
    assert asked[b"x-request-id"] == b"req-1"


async def test_what_is_asked_stands_in_the_query() -> None:
    neighbour = Neighbour(200)
    await Peer("n", neighbour).get("/x", query={"role": "Nhân viên & co", "days": 90})
    [asked] = neighbour.asked
    assert (asked[b"path"], asked[b"query"]) == (b"/x", b"role=Nh%C3%A2n+vi%C3%AAn+%26+co&days=90")


async def test_what_is_not_there_is_none() -> None:
    assert await Peer("n", Neighbour(404)).get("/x") is None


@pytest.mark.parametrize("fault", [500, 0, 503])
async def test_a_fault_is_tried_once_more(fault: int) -> None:
    neighbour = Neighbour(fault, 200)
    assert (await Peer("n", neighbour).get("/x"))["a"] == 1
    assert len(neighbour.asked) == 2


async def test_a_silent_peer_costs_the_deadline_and_no_more() -> None:
    with pytest.raises(ServiceUnavailable):
        async with asyncio.timeout(2):
            await Peer("n", Neighbour(None), deadline_seconds=0.05).get("/x")


async def test_after_five_failures_nothing_is_asked_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("libs.common.peers.monotonic", lambda: now)
    neighbour = Neighbour(0)
    peer = Peer("n", neighbour)
    for _ in range(7):
        with pytest.raises(ServiceUnavailable):
            await peer.get("/x")
    assert len(neighbour.asked) == 5 * 2
    now, neighbour.statuses = now + 3, [200]
    assert (await peer.get("/x"))["a"] == 1


@pytest.mark.parametrize(("status", "why"), [(200, None), (409, {"code": "NO", "details": 2})])
async def test_a_deed_is_done_or_refused(status: int, why: dict[str, Any] | None) -> None:
    neighbour = Neighbour(0, status)
    assert await Peer("n", neighbour).post("/x", "a-token") == why
    assert neighbour.method == "POST"
    assert [asked[b"authorization"] for asked in neighbour.asked] == [b"Bearer a-token"] * 2


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
async def test_what_is_neither_is_no_answer(status: int) -> None:
    with pytest.raises(ServiceUnavailable):
        await Peer("n", Neighbour(status)).post("/x")
