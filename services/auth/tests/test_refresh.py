"""Refresh tokens: rotation in families, reuse, and the grace for honest races."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from libs.common import clock
from libs.common.testing import Bench
from services.auth.settings import settings
from services.auth.tests.people import code_of, log_in, pass_time, post, sign_up
from services.auth.tests.test_login import identity_of


async def refresh(bench: Bench, token: str) -> httpx.Response:
    return await post(bench, "/auth/refresh-token", {"refreshToken": token})


async def pair_of(bench: Bench, token: str) -> dict[str, str]:
    answer = await refresh(bench, token)
    assert answer.status_code == 200, answer.text
    data: dict[str, str] = answer.json()["data"]
    return data


@pytest.fixture
def grace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Return a function that sets REFRESH_REUSE_GRACE_SECONDS."""

    def set_grace(seconds: int) -> None:
        monkeypatch.setenv("REFRESH_REUSE_GRACE_SECONDS", str(seconds))
        settings.cache_clear()

    yield set_grace
    monkeypatch.undo()
    settings.cache_clear()


async def test_the_seeds_sample(bench: Bench) -> None:
    first = await sign_up(bench)
    answer = await refresh(bench, first["refreshToken"])
    assert answer.status_code == 200
    assert answer.json()["message"] == "Cấp lại token thành công"
    data = answer.json()["data"]
    assert set(data) == {"accessToken", "refreshToken"}
    assert data["refreshToken"] != first["refreshToken"]
    before, after = [await identity_of(bench, pair["accessToken"]) for pair in (first, data)]
    assert (before.session_id, before.user_id) == (after.session_id, after.user_id)


async def test_fifty_at_once_get_one_pair(bench: Bench) -> None:
    first = await sign_up(bench)
    answers = await asyncio.gather(*(refresh(bench, first["refreshToken"]) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(await bench.rows("SELECT FROM refresh_tokens")) == 2
    for answer in answers:  # each caller is signed in
        await identity_of(bench, answer.json()["data"]["accessToken"])
    data = answers[0].json()["data"]
    await pair_of(bench, data["refreshToken"])


async def test_the_predecessor_gets_the_same_pair_within_the_grace(bench: Bench) -> None:
    first = await sign_up(bench)
    winner = await pair_of(bench, first["refreshToken"])
    await pass_time(bench, "refresh_tokens", "9 seconds")
    assert await pair_of(bench, first["refreshToken"]) == winner
    assert len(await bench.rows("SELECT FROM refresh_tokens")) == 2


async def test_outside_the_grace_the_family_dies_and_others_live(bench: Bench) -> None:
    first = await sign_up(bench)
    elsewhere = (await log_in(bench)).json()["data"]
    winner = await pair_of(bench, first["refreshToken"])
    await pass_time(bench, "refresh_tokens", "10 seconds")
    reused = await refresh(bench, first["refreshToken"])
    assert (reused.status_code, code_of(reused)) == (401, "TOKEN_REUSED")
    assert reused.headers["www-authenticate"] == "Bearer"
    for dead in (winner, first):
        assert code_of(await refresh(bench, dead["refreshToken"])) == "TOKEN_REUSED"
    await pair_of(bench, elsewhere["refreshToken"])


async def test_a_grandparent_kills_the_family_at_once_and_others_live(bench: Bench) -> None:
    grandparent = (await sign_up(bench))["refreshToken"]
    elsewhere = (await log_in(bench)).json()["data"]["refreshToken"]
    parent = (await pair_of(bench, grandparent))["refreshToken"]
    child = (await pair_of(bench, parent))["refreshToken"]
    assert code_of(await refresh(bench, grandparent)) == "TOKEN_REUSED"
    assert code_of(await refresh(bench, parent)) == "TOKEN_REUSED"
    assert code_of(await refresh(bench, child)) == "TOKEN_REUSED"
    await pair_of(bench, elsewhere)


async def test_tokens_of_one_family_at_once_end_in_one_way(bench: Bench) -> None:
    grandparent = (await sign_up(bench))["refreshToken"]
    parent = (await pair_of(bench, grandparent))["refreshToken"]
    child = (await pair_of(bench, parent))["refreshToken"]
    answers = await asyncio.gather(
        *(refresh(bench, token) for token in (child, grandparent, parent) * 8)
    )
    assert {answer.status_code for answer in answers} <= {200, 401}
    assert code_of(await refresh(bench, child)) == "TOKEN_REUSED"


async def test_no_grace_is_strict(bench: Bench, grace: Callable[[int], None]) -> None:
    grace(0)
    first = await sign_up(bench)
    await pair_of(bench, first["refreshToken"])
    assert code_of(await refresh(bench, first["refreshToken"])) == "TOKEN_REUSED"


async def test_an_expired_token_says_what_the_seed_says(bench: Bench) -> None:
    first = await sign_up(bench)
    await pass_time(bench, "refresh_tokens", "7 days")
    answer = await refresh(bench, first["refreshToken"])
    assert answer.status_code == 401
    [row] = await bench.rows("SELECT expires_at FROM refresh_tokens")
    assert answer.json() == {
        "message": "Refresh token không hợp lệ hoặc đã hết hạn. Vui lòng đăng nhập lại.",
        "data": None,
        "error": {
            "code": "TOKEN_EXPIRED",
            "details": f"Refresh token expired at {row['expires_at']:%Y-%m-%d}",
        },
    }
    assert row["expires_at"] <= clock.now()


async def test_refreshing_never_outlives_the_session(bench: Bench) -> None:
    token = (await sign_up(bench))["refreshToken"]
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE sessions SET expires_at = now() + '1 hour'")
    await pair_of(bench, token)
    rows = await bench.rows(
        "SELECT FROM refresh_tokens t JOIN sessions s ON s.id = session_id"
        " WHERE spent_at IS NULL AND t.expires_at = s.expires_at"
    )
    assert len(rows) == 1


async def test_what_is_stored_is_of_no_use_to_a_thief(bench: Bench) -> None:
    first = await sign_up(bench)
    second = await pair_of(bench, first["refreshToken"])
    stored = repr(await bench.rows("SELECT * FROM refresh_tokens"))
    for pair in (first, second):
        assert pair["refreshToken"] not in stored
        assert pair["accessToken"] not in stored
    await pair_of(bench, second["refreshToken"])
    sealed = await bench.rows("SELECT FROM refresh_tokens WHERE successors IS NOT NULL")
    assert len(sealed) == 1


@pytest.mark.parametrize("token", ["d78sdf78s7d8f7s8d7f8sd7f8sd", "eyJhbGciOiJIUz.e30.x", "é"])
async def test_an_unknown_token_is_invalid(bench: Bench, token: str) -> None:
    answer = await refresh(bench, token)
    assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")


async def test_an_access_token_is_no_refresh_token_nor_the_other_way(bench: Bench) -> None:
    first = await sign_up(bench)
    assert code_of(await refresh(bench, first["accessToken"])) == "TOKEN_INVALID"
    headers = {"Authorization": f"Bearer {first['refreshToken']}"}
    answer = await bench.client.get("/api/v1/users/me", headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"refreshToken": ""},
        {"refreshToken": "x" * 513},
        {"refreshToken": 5},
        {"refreshToken": "a\0"},
        {"refreshToken": "a", "b": 1},
    ],
)
async def test_bad_input(bench: Bench, body: dict[str, Any]) -> None:
    answer = await post(bench, "/auth/refresh-token", body)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
