"""Signing in, by JSON and by the OAuth2 form."""

import asyncio
import threading
from typing import Any

import pytest

from libs.common.identity import Role, Verifier
from libs.common.testing import Bench
from services.auth import passwords
from services.auth.tests.people import (
    HOANG,
    PASSWORD,
    code_of,
    log_in,
    new_account,
    post,
    register,
    sign_up,
)

FORM = "/api/v1/auth/login/form"


async def identity_of(bench: Bench, access_token: str) -> Any:
    """Verify a token as every service does: with the keys that the JWKS shows."""

    async def fetch() -> Any:
        answer = await bench.client.get("/.well-known/jwks.json")
        assert answer.status_code == 200
        return answer.json()

    return await Verifier(fetch, issuer="waymark", audience="waymark-api").verify(access_token)


async def test_the_seeds_sample(bench: Bench) -> None:
    data = await sign_up(bench)
    answer = (await log_in(bench)).json()
    assert answer["message"] == "Đăng nhập thành công"
    assert set(answer["data"]) == set(data)
    who = await identity_of(bench, data.pop("accessToken"))
    assert len(data.pop("refreshToken")) == 43
    assert data == {
        "tokenType": "Bearer",
        "expiresIn": 900,
        "user": {
            "id": str(who.user_id),
            "name": "Nguyễn Văn Hoàng",
            "userType": "Candidate",
            "avatar": None,
        },
    }
    assert who.role is Role.CANDIDATE
    sessions = await bench.rows("SELECT id FROM sessions ORDER BY id")
    assert len(sessions) == 2
    assert sessions[0]["id"] == who.session_id


@pytest.mark.parametrize("login", ["HOANG@email.com", "0909123456", "+84909123456", " 0909 123456"])
async def test_by_address_or_number(bench: Bench, login: str) -> None:
    await sign_up(bench)
    assert (await log_in(bench, login)).status_code == 200


async def test_seed_n_body(bench: Bench) -> None:
    await sign_up(bench)
    body = {"email": HOANG["email"], "password": PASSWORD}
    assert (await post(bench, "/auth/login", body)).status_code == 200
    both = await post(bench, "/auth/login", body | {"emailOrPhone": HOANG["email"]})
    assert code_of(both) == "VALIDATION_ERROR"


async def test_the_unknown_and_the_wrong_are_told_and_worked_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_up(bench)
    checked: list[str] = []
    real = passwords._argon2id.verify

    def recording(password: str, stored: str) -> bool:
        checked.append(stored.rpartition("p=1$")[0])
        return real(password, stored)

    monkeypatch.setattr(passwords._argon2id, "verify", recording)
    logins = (HOANG["email"], "nobody@email.com", "0987654321", "no address")
    answers = [await log_in(bench, login, "Password124!") for login in logins]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert (answers[0].status_code, code_of(answers[0])) == (401, "INVALID_CREDENTIALS")
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert checked == ["$argon2id$v=19$m=19456,t=2,"] * 4


async def test_not_verified_is_told_to_the_owner_only(bench: Bench) -> None:
    await register(bench)
    right = await log_in(bench)
    assert (right.status_code, code_of(right)) == (403, "ACCOUNT_NOT_VERIFIED")
    wrong = await log_in(bench, password="Password124!")
    assert (wrong.status_code, code_of(wrong)) == (401, "INVALID_CREDENTIALS")
    assert await bench.rows("SELECT FROM sessions") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"emailOrPhone": "", "password": PASSWORD},
        {"emailOrPhone": "x" * 255, "password": PASSWORD},
        {"emailOrPhone": HOANG["email"]},
        {"emailOrPhone": HOANG["email"], "password": "x" * 129},
        {"emailOrPhone": HOANG["email"], "password": "a\0b"},
        {"emailOrPhone": {"$ne": None}, "password": PASSWORD},
        {"emailOrPhone": HOANG["email"], "password": PASSWORD, "remember": True},
    ],
)
async def test_bad_input(bench: Bench, body: dict[str, Any]) -> None:
    answer = await post(bench, "/auth/login", body)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")


async def test_a_flood_of_logins_is_refused_and_hinders_nobody(bench: Bench) -> None:
    user_id = await new_account(bench)
    stuck, go_on = threading.Event(), threading.Event()

    def work() -> None:
        stuck.set()
        go_on.wait(10)

    blocked = asyncio.ensure_future(passwords._off_the_loop(work))
    while not stuck.is_set():
        await asyncio.sleep(0)
    queue = [asyncio.ensure_future(log_in(bench)) for _ in range(passwords.QUEUE - 1)]
    try:
        while passwords._places._value:
            await asyncio.sleep(0.01)
        refused = await log_in(bench)
        assert (refused.status_code, code_of(refused)) == (429, "TOO_MANY_ATTEMPTS")
        assert refused.headers["retry-after"] == "1"
        other = await bench.client.get(f"/api/v1/companies/{user_id}")
        assert (other.status_code, code_of(other)) == (404, "NOT_FOUND")
        assert not any(waiting.done() for waiting in queue)
    finally:
        go_on.set()
        answers = await asyncio.gather(*queue)
        await blocked
    assert {code_of(answer) for answer in answers} == {"ACCOUNT_NOT_VERIFIED"}
    assert (await log_in(bench)).status_code == 403


async def test_the_form_answers_bare_tokens(bench: Bench) -> None:
    await sign_up(bench)
    form = {"username": HOANG["email"], "password": PASSWORD, "grant_type": "password"}
    answer = await bench.client.post(FORM, data=form)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert (await identity_of(bench, body["access_token"])).role is Role.CANDIDATE
    spent = await post(bench, "/auth/refresh-token", {"refreshToken": body["refresh_token"]})
    assert spent.status_code == 200


async def test_the_form_refuses_as_oauth2_does(bench: Bench) -> None:
    await register(bench)
    form = {"username": HOANG["email"], "password": PASSWORD}
    cases: list[tuple[dict[str, str], dict[str, str]]] = [
        (form, {"error": "invalid_grant", "error_description": "ACCOUNT_NOT_VERIFIED"}),
        (
            form | {"password": "x"},
            {"error": "invalid_grant", "error_description": "INVALID_CREDENTIALS"},
        ),
        (form | {"grant_type": "implicit"}, {"error": "unsupported_grant_type"}),
        ({"username": HOANG["email"]}, {"error": "invalid_request"}),
        (form | {"username": "a\0b"}, {"error": "invalid_request"}),
        ({str(n): "x" for n in range(30)}, {"error": "invalid_request"}),
    ]
    for data, expected in cases:
        answer = await bench.client.post(FORM, data=data)
        assert (answer.status_code, answer.json()) == (400, expected)
    as_json = await bench.client.post(FORM, json=form)
    assert (as_json.status_code, as_json.json()) == (400, {"error": "invalid_request"})
    urlencoded = {"content-type": "application/x-www-form-urlencoded"}
    no_utf8 = await bench.client.post(FORM, content=b"username=\xff&password=x", headers=urlencoded)
    assert (no_utf8.status_code, no_utf8.json()) == (400, {"error": "invalid_request"})
    big = await bench.client.post(FORM, data=form | {"scope": "x" * 9000})
    assert (big.status_code, code_of(big)) == (413, "CONTENT_TOO_LARGE")
