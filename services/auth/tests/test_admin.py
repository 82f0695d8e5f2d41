"""What an admin does to the accounts of others."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.contracts.auth import EmployerUpdated, SessionRevoked, UserUpdated
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, signed_in
from services.auth.tests.people import (
    HOANG,
    code_mailed,
    code_of,
    log_in,
    new_account,
    post,
    register,
    sign_up,
    verify,
)
from services.auth.tests.test_refresh import refresh


async def set_active(
    bench: Bench, user_id: object, is_active: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    path = f"/api/v1/admin/users/{user_id}/active"
    headers = signed_in(Role.ADMIN) if headers is None else headers
    return await bench.client.put(path, json={"isActive": is_active}, headers=headers)


async def updates(bench: Bench) -> list[UserUpdated]:
    return [event for event in await bench.published() if isinstance(event, UserUpdated)]


async def test_deactivating_shuts_out_at_once(bench: Bench) -> None:
    data = await sign_up(bench)
    user_id = data["user"]["id"]
    answer = await set_active(bench, user_id, False)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Cập nhật trạng thái tài khoản thành công",
        "data": {"userId": user_id, "isActive": False},
        "error": None,
    }
    assert code_of(await refresh(bench, data["refreshToken"])) == "TOKEN_REUSED"
    right = await log_in(bench)
    assert (right.status_code, code_of(right)) == (403, "ACCOUNT_DEACTIVATED")
    wrong = await log_in(bench, password="Password124!")
    assert (wrong.status_code, code_of(wrong)) == (401, "INVALID_CREDENTIALS")
    form = {"username": HOANG["email"], "password": HOANG["password"]}
    bare = await bench.client.post("/api/v1/auth/login/form", data=form)
    expected = {"error": "invalid_grant", "error_description": "ACCOUNT_DEACTIVATED"}
    assert (bare.status_code, bare.json()) == (400, expected)
    [updated] = await updates(bench)
    assert (str(updated.user_id), updated.is_active, updated.version) == (user_id, False, 3)
    assert len([e for e in await bench.published() if isinstance(e, SessionRevoked)]) == 1


async def test_reactivating_lets_in_again(bench: Bench) -> None:
    user_id = (await sign_up(bench))["user"]["id"]
    await set_active(bench, user_id, False)
    answer = await set_active(bench, user_id, True)
    assert answer.json()["data"] == {"userId": user_id, "isActive": True}
    assert (await log_in(bench)).status_code == 200
    assert [(one.is_active, one.version) for one in await updates(bench)] == [(False, 3), (True, 4)]


async def test_of_an_employer_it_is_told_to_those_who_show_his_jobs(bench: Bench) -> None:
    user_id = (await sign_up(bench, userType="Employer"))["user"]["id"]
    for is_active in (False, False, True):
        await set_active(bench, user_id, is_active)
    said = [event for event in await bench.published() if isinstance(event, EmployerUpdated)]
    assert {str(event.employer_id) for event in said} == {user_id}
    assert [(event.deactivated, event.version) for event in said] == [
        (False, 1),
        (True, 2),
        (False, 3),
    ]


async def test_the_same_again_changes_nothing(bench: Bench) -> None:
    user_id = (await sign_up(bench))["user"]["id"]
    assert (await set_active(bench, user_id, True)).status_code == 200
    for _ in range(2):
        assert (await set_active(bench, user_id, False)).json()["data"]["isActive"] is False
    assert len(await updates(bench)) == 1


async def test_no_code_undoes_it(bench: Bench) -> None:
    user_id = await new_account(bench)
    code = await code_mailed(bench)
    await post(bench, "/auth/forgot-password", {"email": HOANG["email"]})
    reset_code = await code_mailed(bench)
    await set_active(bench, user_id, False)
    assert code_of(await verify(bench, code)) == "INVALID_OTP"
    body = {"email": HOANG["email"], "otpCode": reset_code, "newPassword": "NewPassword123!"}
    answer = await post(bench, "/auth/reset-password", body)
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_OTP")
    assert code_of(await log_in(bench)) == "ACCOUNT_DEACTIVATED"


async def test_the_deactivated_gets_no_codes(bench: Bench) -> None:
    user_id = (await sign_up(bench))["user"]["id"]
    await set_active(bench, user_id, False)
    for path in ("/auth/forgot-password", "/auth/resend-otp"):
        assert (await post(bench, path, {"email": HOANG["email"]})).status_code == 200
    await bench.settle()
    assert len(bench.mail.sent) == 1


async def test_an_admin_may_vouch_for_an_address(bench: Bench) -> None:
    user_id = await new_account(bench)
    assert (await set_active(bench, user_id, True)).json()["data"]["isActive"] is True
    assert (await log_in(bench)).status_code == 200
    [updated] = await updates(bench)
    assert (updated.is_active, updated.version) == (True, 2)


async def test_signing_in_meanwhile_ends_too(bench: Bench) -> None:
    user_id = (await sign_up(bench))["user"]["id"]
    logins = [asyncio.ensure_future(log_in(bench)) for _ in range(5)]
    await set_active(bench, user_id, False)
    for answer in await asyncio.gather(*logins):
        assert answer.is_success or code_of(answer) == "ACCOUNT_DEACTIVATED"
    assert await bench.rows("SELECT FROM sessions WHERE revoked_at IS NULL") == []


async def test_not_oneself(bench: Bench) -> None:
    admin = new_id()
    answer = await set_active(bench, admin, False, signed_in(Role.ADMIN, admin))
    assert (answer.status_code, code_of(answer)) == (409, "OWN_ACCOUNT")


async def test_who_may(bench: Bench) -> None:
    user_id = await new_account(bench)
    anonymous = await set_active(bench, user_id, True, {})
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for headers in (
        signed_in(Role.CANDIDATE),
        signed_in(Role.EMPLOYER),
        signed_in(Role.CANDIDATE, UUID(str(user_id))),
    ):
        answer = await set_active(bench, user_id, True, headers)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")
    for unknown in (new_id(), "x"):
        answer = await set_active(bench, unknown, True)
        assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("value", [None, "false", 0, 1, []])
async def test_bad_input(bench: Bench, value: Any) -> None:
    await register(bench)
    answer = await set_active(bench, new_id(), value)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
