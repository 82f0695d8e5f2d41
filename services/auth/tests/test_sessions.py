"""Sessions: the devices on which somebody is signed in, and how they end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common import clock
from libs.common.contracts.auth import SessionRevoked
from libs.common.identity import Role, Verifier
from libs.common.ids import new_id
from libs.common.service import create_app
from libs.common.testing import Bench, signed_in
from services.auth.service import service
from services.auth.tests.people import (
    HOANG,
    PASSWORD,
    bearer,
    code_of,
    log_in,
    pass_time,
    post,
    session_in,
    sign_up,
)
from services.auth.tests.test_refresh import pair_of, refresh

SESSIONS, LOGOUT = "/api/v1/auth/sessions", "/api/v1/auth/logout"
OTHER = {"email": "b@email.com", "username": "bbb", "phone": None}


async def devices(bench: Bench, data: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await bench.client.get(SESSIONS, headers=bearer(data))
    assert answer.status_code == 200
    assert answer.json()["message"] == "Lấy danh sách phiên đăng nhập thành công"
    listed: list[dict[str, Any]] = answer.json()["data"]
    assert answer.headers["x-total-count"] == str(len(listed))
    return listed


async def revocations(bench: Bench, **query: str) -> set[str]:
    answer = await bench.client.get("/internal/revocations", params=query)
    assert answer.status_code == 200
    assert set(answer.json()) == {"now", "sessions"}
    assert abs(datetime.fromisoformat(answer.json()["now"]) - clock.now()) < timedelta(seconds=5)
    return set(answer.json()["sessions"])


async def ended_in(bench: Bench) -> list[SessionRevoked]:
    return [event for event in await bench.published() if isinstance(event, SessionRevoked)]


async def test_devices_are_listed_the_last_used_first(bench: Bench) -> None:
    first = await sign_up(bench)
    await sign_up(bench, **OTHER)
    phone = {"User-Agent": f"  Phone\t/1.0 {'x' * 500}", "X-Forwarded-For": "2001:DB8::1"}
    body = {"emailOrPhone": HOANG["email"], "password": PASSWORD}
    second = (await post(bench, "/auth/login", body, **phone)).json()["data"]
    here, there = await devices(bench, second)
    assert (here["id"], here["current"]) == (session_in(second), True)
    assert (there["id"], there["current"]) == (session_in(first), False)
    assert set(here) == {"id", "createdAt", "lastUsedAt", "userAgent", "ip", "current"}
    assert here["ip"] == "2001:db8::1"
    assert here["userAgent"] == f"Phone /1.0 {'x' * 500}"[:300]
    assert there["ip"] is None
    assert there["userAgent"].startswith("python-httpx/")
    assert here["createdAt"] == here["lastUsedAt"]
    assert here["createdAt"].endswith("Z")


async def test_a_refresh_is_a_use(bench: Bench) -> None:
    first = await sign_up(bench)
    await log_in(bench)
    await pass_time(bench, "sessions", "1 hour")
    body = {"refreshToken": first["refreshToken"]}
    await post(
        bench, "/auth/refresh-token", body, **{"User-Agent": "new", "X-Forwarded-For": "::1"}
    )
    used, idle = await devices(bench, first)
    assert (used["id"], used["userAgent"], used["ip"]) == (session_in(first), "new", "::1")
    created, last = (datetime.fromisoformat(used[key]) for key in ("createdAt", "lastUsedAt"))
    assert last - created >= timedelta(hours=1)
    assert idle["createdAt"] == idle["lastUsedAt"]


@pytest.mark.parametrize(
    "change", ["expires_at = now()", "last_used_at = now() - '7 days'::interval"]
)
async def test_what_has_run_out_is_no_device(bench: Bench, change: str) -> None:
    first = await sign_up(bench)
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE sessions SET {change}")
    second = (await log_in(bench)).json()["data"]
    assert [one["id"] for one in await devices(bench, second)] == [session_in(second)]
    assert session_in(first) != session_in(second)


async def test_the_list_has_pages(bench: Bench) -> None:
    await sign_up(bench)
    last = (await log_in(bench)).json()["data"]
    answer = await bench.client.get(SESSIONS, params={"limit": 1}, headers=bearer(last))
    assert [one["id"] for one in answer.json()["data"]] == [session_in(last)]
    assert answer.headers["x-total-count"] == "2"
    assert 'rel="next"' in answer.headers["link"]


async def test_signing_out_ends_this_session_and_no_other(bench: Bench) -> None:
    first = await sign_up(bench)
    second = (await log_in(bench)).json()["data"]
    answer = await bench.client.post(LOGOUT, headers=bearer(first))
    assert answer.status_code == 200
    assert answer.json() == {"message": "Đăng xuất thành công", "data": None, "error": None}
    assert code_of(await refresh(bench, first["refreshToken"])) == "TOKEN_REUSED"
    assert [one["id"] for one in await devices(bench, second)] == [session_in(second)]
    await pair_of(bench, second["refreshToken"])
    [event] = await ended_in(bench)
    assert (str(event.session_id), str(event.user_id)) == (session_in(first), first["user"]["id"])
    assert await revocations(bench) == {session_in(first)}


async def test_signing_out_twice_is_signing_out_once(bench: Bench) -> None:
    first = await sign_up(bench)
    for _ in range(2):
        answer = await bench.client.post(LOGOUT, headers=bearer(first), json={})
        assert answer.status_code == 200
    assert len(await ended_in(bench)) == 1


async def test_the_refresh_token_says_which_session(bench: Bench) -> None:
    first = await sign_up(bench)
    second = (await log_in(bench)).json()["data"]
    body = {"refreshToken": second["refreshToken"]}
    answer = await bench.client.post(LOGOUT, headers=bearer(first), json=body)
    assert answer.status_code == 200
    assert await revocations(bench) == {session_in(second)}
    again = await bench.client.post(LOGOUT, headers=bearer(first), json=body)
    assert again.status_code == 200  # that one is out already: it is this one that wants to be
    assert await revocations(bench) == {session_in(second), session_in(first)}


@pytest.mark.parametrize("known", [True, False])
async def test_nobody_signs_another_out(bench: Bench, known: bool) -> None:
    other = await sign_up(bench, **OTHER)
    mine = await sign_up(bench)
    body = {"refreshToken": other["refreshToken"] if known else "x" * 43}
    answer = await bench.client.post(LOGOUT, headers=bearer(mine), json=body)
    assert answer.status_code == 200
    assert await revocations(bench) == {session_in(mine)}
    await pair_of(bench, other["refreshToken"])


async def test_ending_a_session_elsewhere(bench: Bench) -> None:
    first = await sign_up(bench)
    second = (await log_in(bench)).json()["data"]
    path = f"{SESSIONS}/{session_in(first)}"
    answer = await bench.client.delete(path, headers=bearer(second))
    assert answer.status_code == 200
    assert answer.json()["message"] == "Đã kết thúc phiên đăng nhập"
    assert answer.json()["data"] is None
    assert code_of(await refresh(bench, first["refreshToken"])) == "TOKEN_REUSED"
    again = await bench.client.delete(path, headers=bearer(second))
    assert (again.status_code, code_of(again)) == (404, "NOT_FOUND")


async def test_anothers_session_is_not_there(bench: Bench) -> None:
    other = await sign_up(bench, **OTHER)
    mine = await sign_up(bench)
    for session_id in (session_in(other), str(new_id()), "abc"):
        answer = await bench.client.delete(f"{SESSIONS}/{session_id}", headers=bearer(mine))
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
    admin = signed_in(Role.ADMIN)
    answer = await bench.client.delete(f"{SESSIONS}/{session_in(other)}", headers=admin)
    assert code_of(answer) == "NOT_FOUND"
    await pair_of(bench, other["refreshToken"])


async def test_who_is_not_signed_in(bench: Bench) -> None:
    for method, path in (("POST", LOGOUT), ("GET", SESSIONS), ("DELETE", f"{SESSIONS}/x")):
        answer = await bench.client.request(method, path)
        assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("body", [{"refreshToken": 5}, {"refreshToken": ""}, {"a": 1}, [], "x"])
async def test_bad_input(bench: Bench, body: Any) -> None:
    answer = await bench.client.post(LOGOUT, json=body, headers=signed_in(Role.CANDIDATE))
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")


async def test_reuse_ends_the_family_for_every_verifier(bench: Bench) -> None:
    first = await sign_up(bench)
    elsewhere = (await log_in(bench)).json()["data"]
    await pair_of(bench, first["refreshToken"])
    await pass_time(bench, "refresh_tokens", "10 seconds")
    for _ in range(2):
        assert code_of(await refresh(bench, first["refreshToken"])) == "TOKEN_REUSED"
    assert await revocations(bench) == {session_in(first)}
    assert [str(event.session_id) for event in await ended_in(bench)] == [session_in(first)]
    assert len(await devices(bench, elsewhere)) == 1


async def test_what_is_asked_for_since(bench: Bench) -> None:
    first = await sign_up(bench)
    await bench.client.post(LOGOUT, headers=bearer(first))
    assert await revocations(bench, since=clock.now().isoformat()) == {session_in(first)}
    await pass_time(bench, "revocations", "59 seconds")  # a commit may be that late
    assert await revocations(bench, since=clock.now().isoformat()) == {session_in(first)}
    await pass_time(bench, "revocations", "2 seconds")
    assert await revocations(bench, since=clock.now().isoformat()) == set()
    assert await revocations(bench) == {session_in(first)}
    # The life of an access token may have been longer when this one was signed: a day at most.
    await pass_time(bench, "revocations", "23 hours 58 minutes")
    assert await revocations(bench) == {session_in(first)}
    await pass_time(bench, "revocations", "2 minutes")
    assert await revocations(bench) == set()
    for since in ("yesterday", "2026-01-01T00:00:00"):
        answer = await bench.client.get("/internal/revocations", params={"since": since})
        assert answer.status_code == 422


async def test_the_internal_list_is_not_in_the_reference(bench: Bench) -> None:
    assert "/internal/revocations" not in bench.app.openapi()["paths"]


async def test_an_access_token_dies_with_its_session(bench: Bench) -> None:
    """As in a running system: real tokens, keys by the JWKS, ended sessions by the list."""
    data = await sign_up(bench)
    second = (await log_in(bench)).json()["data"]

    async def fetch_jwks() -> Any:
        return (await bench.client.get("/.well-known/jwks.json")).json()

    async def fetch_revoked(since: str | None) -> Any:
        query = {} if since is None else {"since": since}
        return (await bench.client.get("/internal/revocations", params=query)).json()

    verifier = Verifier(
        fetch_jwks, issuer="waymark", audience="waymark-api", fetch_revoked=fetch_revoked
    )
    app = create_app(service, replace(bench.runtime, verifier=verifier))
    transport = httpx.ASGITransport(app)
    async with (
        verifier.following(),
        httpx.AsyncClient(transport=transport, base_url="http://waymark") as client,
    ):
        mine, other = ({"Authorization": f"Bearer {one['accessToken']}"} for one in (data, second))
        assert (await client.get("/api/v1/users/me", headers=mine)).status_code == 200
        assert (await client.post(LOGOUT, headers=mine)).status_code == 200
        end = clock.now() + timedelta(seconds=5)
        while (answer := await client.get("/api/v1/users/me", headers=mine)).status_code == 200:
            assert clock.now() < end
        assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")
        assert (await client.get("/api/v1/users/me", headers=other)).status_code == 200


async def test_sessions_of_others_live_on(bench: Bench) -> None:
    mine, other = await sign_up(bench), await sign_up(bench, **OTHER)
    path = f"{SESSIONS}/{session_in(mine)}"
    await bench.client.delete(path, headers=bearer(mine))
    assert await revocations(bench) == {str(UUID(session_in(mine)))}
    await pair_of(bench, other["refreshToken"])
