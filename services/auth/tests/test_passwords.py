"""New passwords: by a mailed code, or by the current one."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from libs.common.contracts.auth import SessionRevoked, UserActivated
from libs.common.identity import Role
from libs.common.testing import Bench, signed_in
from services.auth.commands.signing_in import confirm_password
from services.auth.errors import InvalidCredentials
from services.auth.tests.people import (
    HOANG,
    PASSWORD,
    bearer,
    code_mailed,
    code_of,
    log_in,
    pass_time,
    post,
    register,
    session_in,
    sign_up,
    verify,
)
from services.auth.tests.test_otp import other_than
from services.auth.tests.test_refresh import pair_of, refresh

NEW = "NewPassword123!"


async def forgot(bench: Bench, whose: dict[str, str] | None = None, **headers: str) -> Any:
    whose = whose or {"email": HOANG["email"]}
    answer = await post(bench, "/auth/forgot-password", whose, **headers)
    assert answer.status_code == 200
    return answer.json()


async def reset_code(bench: Bench) -> str:
    await forgot(bench)
    return await code_mailed(bench)


async def reset(bench: Bench, code: str, **changes: Any) -> httpx.Response:
    body = {"email": HOANG["email"], "otpCode": code, "newPassword": NEW} | changes
    return await post(
        bench, "/auth/reset-password", {key: value for key, value in body.items() if value}
    )


async def change(
    bench: Bench, data: dict[str, Any], current: str = PASSWORD, new: str = NEW
) -> httpx.Response:
    body = {"currentPassword": current, "newPassword": new}
    return await post(bench, "/auth/change-password", body, **bearer(data))


async def test_the_seeds_sample_of_asking(bench: Bench) -> None:
    await sign_up(bench)
    assert await forgot(bench) == {
        "message": "Nếu email tồn tại trong hệ thống, mã OTP đã được gửi đến hộp thư của bạn.",
        "data": {"email": "hoang@email.com", "timeout": 300},
        "error": None,
    }
    await bench.settle()
    assert bench.mail.sent[-1]["Subject"] == "Mã đặt lại mật khẩu Waymark"
    assert bench.mail.sent[-1]["To"] == "hoang@email.com"


async def test_the_answer_is_the_same_for_nobody(bench: Bench) -> None:
    await sign_up(bench)
    known = await forgot(bench, {"email": HOANG["email"]})
    unknown = await forgot(bench, {"email": "no@email.com"})
    assert known.pop("data") == {"email": "hoang@email.com", "timeout": 300}
    assert unknown.pop("data") == {"email": "no@email.com", "timeout": 300}
    assert known == unknown
    await bench.settle()
    assert [mail["To"] for mail in bench.mail.sent[1:]] == ["hoang@email.com"]


async def test_in_english_and_by_number(bench: Bench) -> None:
    await sign_up(bench)
    answer = await forgot(bench, {"phone": HOANG["phone"]}, **{"Accept-Language": "en"})
    assert answer["data"] == {"email": None, "timeout": 300}
    assert answer["message"].startswith("If there is an account")
    code = await code_mailed(bench)
    assert bench.mail.sent[-1]["Subject"] == "Your code for a new Waymark password"
    changes = {"email": None, "phone": "+84 909 123 456"}
    assert (await reset(bench, code, **changes)).status_code == 200


async def test_the_seeds_sample_of_resetting(bench: Bench) -> None:
    data = await sign_up(bench)
    other = (await log_in(bench)).json()["data"]
    answer = await reset(bench, await reset_code(bench))
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Đặt lại mật khẩu thành công. Vui lòng đăng nhập bằng mật khẩu mới.",
        "data": True,
        "error": None,
    }
    assert code_of(await log_in(bench)) == "INVALID_CREDENTIALS"
    for ended in (data, other):
        assert code_of(await refresh(bench, ended["refreshToken"])) == "TOKEN_REUSED"
    events = [event for event in await bench.published() if isinstance(event, SessionRevoked)]
    assert {str(event.session_id) for event in events} == {session_in(data), session_in(other)}
    assert (await log_in(bench, password=NEW)).status_code == 200


async def test_a_wrong_code_says_what_the_seed_says(bench: Bench) -> None:
    await sign_up(bench)
    answer = await reset(bench, other_than(await reset_code(bench)))
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "Mã OTP không chính xác hoặc đã hết hạn.",
        "data": None,
        "error": {"code": "INVALID_OTP", "details": "OTP mismatch"},
    }
    assert (await log_in(bench)).status_code == 200


async def test_nobodys_code_is_a_wrong_code(bench: Bench) -> None:
    answer = await reset(bench, "123456")
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_OTP")


async def test_a_code_works_once(bench: Bench) -> None:
    await sign_up(bench)
    code = await reset_code(bench)
    both = await asyncio.gather(reset(bench, code), reset(bench, code))
    assert sorted(answer.status_code for answer in both) == [200, 400]


async def test_after_five_wrong_tries_the_right_code_is_void(bench: Bench) -> None:
    await sign_up(bench)
    code = await reset_code(bench)
    wrong = await asyncio.gather(*(reset(bench, other_than(code)) for _ in range(10)))
    assert {code_of(answer) for answer in wrong} == {"INVALID_OTP"}
    assert code_of(await reset(bench, code)) == "INVALID_OTP"
    assert (await log_in(bench)).status_code == 200


async def test_a_code_is_too_old_after_five_minutes(bench: Bench) -> None:
    await sign_up(bench)
    code = await reset_code(bench)
    await pass_time(bench, "one_time_codes", "5 minutes")
    assert code_of(await reset(bench, code)) == "INVALID_OTP"


async def test_a_code_is_good_for_its_purpose_only(bench: Bench) -> None:
    await register(bench)
    activation = await code_mailed(bench)
    code = await reset_code(bench)  # at once: each purpose has its own minute
    if activation != code:
        assert code_of(await reset(bench, activation)) == "INVALID_OTP"
        assert code_of(await verify(bench, code)) == "INVALID_OTP"
    assert (await verify(bench, activation)).status_code == 200


async def test_one_code_a_minute(bench: Bench) -> None:
    await sign_up(bench)
    first = await reset_code(bench)
    await forgot(bench)
    await bench.settle()
    assert len(bench.mail.sent) == 2
    await pass_time(bench, "one_time_codes", "1 minute")
    second = await reset_code(bench)
    assert len(bench.mail.sent) == 3
    if first != second:
        assert code_of(await reset(bench, first)) == "INVALID_OTP"
    assert (await reset(bench, second)).status_code == 200


async def test_whoever_reads_the_mail_takes_an_address_back(bench: Bench) -> None:
    """Somebody registered an address that is not his; its owner need not know that password."""
    squatter = "Squatter123!"
    await register(bench, password=squatter)
    await code_mailed(bench)
    assert (await reset(bench, await reset_code(bench))).status_code == 200
    assert (await log_in(bench, password=NEW)).status_code == 200
    assert code_of(await log_in(bench, password=squatter)) == "INVALID_CREDENTIALS"
    [activated] = [one for one in await bench.published() if isinstance(one, UserActivated)]
    assert (activated.is_active, activated.version) == (True, 2)


async def test_a_reset_ends_the_lock_out(bench: Bench) -> None:
    await sign_up(bench)
    for _ in range(11):
        answer = await log_in(bench, HOANG["phone"], "Password124!")
    assert code_of(answer) == "TOO_MANY_ATTEMPTS"
    assert (await reset(bench, await reset_code(bench))).status_code == 200
    assert (await log_in(bench, password=NEW)).status_code == 200


async def test_one_is_told_of_a_new_password(bench: Bench) -> None:
    data = await sign_up(bench, name="A <b> {c}")
    assert (await reset(bench, await reset_code(bench))).status_code == 200
    again = (await log_in(bench, password=NEW)).json()["data"]
    english = bearer(again) | {"Accept-Language": "en"}
    body = {"currentPassword": NEW, "newPassword": PASSWORD}
    assert (await post(bench, "/auth/change-password", body, **english)).status_code == 200
    await bench.settle()
    vietnamese, last = bench.mail.sent[-2:]
    assert vietnamese["Subject"] == "Mật khẩu Waymark của bạn đã được thay đổi"
    assert last["Subject"] == "Your Waymark password has been changed"
    plain, html = (last.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert "A <b> {c}" in plain.get_content()
    assert "A &lt;b&gt; {c}" in html.get_content()
    assert PASSWORD not in last.as_string()
    assert data["user"]["name"] == "A <b> {c}"


async def test_changing_ends_the_other_sessions(bench: Bench) -> None:
    here = await sign_up(bench)
    there = (await log_in(bench)).json()["data"]
    answer = await change(bench, here)
    assert answer.status_code == 200
    assert answer.json() == {"message": "Đổi mật khẩu thành công", "data": True, "error": None}
    assert code_of(await refresh(bench, there["refreshToken"])) == "TOKEN_REUSED"
    await pair_of(bench, here["refreshToken"])
    assert code_of(await log_in(bench)) == "INVALID_CREDENTIALS"
    assert (await log_in(bench, password=NEW)).status_code == 200


async def test_the_current_password_is_needed(bench: Bench) -> None:
    data = await sign_up(bench)
    answer = await change(bench, data, "Password124!")
    assert (answer.status_code, code_of(answer)) == (401, "INVALID_CREDENTIALS")
    assert answer.json()["message"] == "Mật khẩu không đúng."
    gone = {"currentPassword": PASSWORD, "newPassword": NEW}
    nobody = await post(bench, "/auth/change-password", gone, **signed_in(Role.CANDIDATE))
    assert code_of(nobody) == "INVALID_CREDENTIALS"
    assert code_of(await post(bench, "/auth/change-password", gone)) == "UNAUTHENTICATED"
    assert (await log_in(bench)).status_code == 200


async def test_a_session_that_was_ended_changes_nothing(bench: Bench) -> None:
    """A thief who knows the old password loses against the owner's reset, whoever asks first."""
    data = await sign_up(bench)
    await bench.client.post("/api/v1/auth/logout", headers=bearer(data))
    answer = await change(bench, data)
    assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")
    assert (await log_in(bench)).status_code == 200


async def test_confirming(bench: Bench) -> None:
    data = await sign_up(bench)
    user_id = UUID(data["user"]["id"])
    await confirm_password(bench.db, user_id, PASSWORD)
    with pytest.raises(InvalidCredentials):
        await confirm_password(bench.db, user_id, "Password124!")


async def test_a_hash_of_weaker_parameters_is_renewed(bench: Bench) -> None:
    await sign_up(bench)
    weak = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with bench.db.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE accounts SET password_hash = %s", (weak,))
    answers = await asyncio.gather(*(log_in(bench) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    [row] = await bench.rows("SELECT password_hash FROM accounts")
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await log_in(bench)).status_code == 200
    assert await bench.rows("SELECT password_hash FROM accounts") == [row]


@pytest.mark.parametrize("password", ["Short1!", "password123!", "Password123", "Aa1" + "x" * 126])
async def test_a_new_password_is_a_good_one(bench: Bench, password: str) -> None:
    data = await sign_up(bench)
    for answer in (
        await change(bench, data, new=password),
        await reset(bench, "123456", newPassword=password),
    ):
        assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
        [problem] = answer.json()["error"]["details"]
        assert problem["field"] == "newPassword"


@pytest.mark.parametrize(
    "body",
    [
        {"email": HOANG["email"], "otpCode": "12345", "newPassword": NEW},
        {"email": HOANG["email"], "otpCode": 123456, "newPassword": NEW},
        {"email": HOANG["email"], "phone": HOANG["phone"], "otpCode": "123456", "newPassword": NEW},
        {"otpCode": "123456", "newPassword": NEW},
        {"email": HOANG["email"], "otpCode": "123456"},
        {"email": HOANG["email"], "otpCode": "123456", "newPassword": NEW + "\0"},
        {"email": HOANG["email"], "otpCode": "123456", "newPassword": NEW, "userId": "1"},
    ],
)
async def test_bad_input(bench: Bench, body: dict[str, Any]) -> None:
    answer = await post(bench, "/auth/reset-password", body)
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
