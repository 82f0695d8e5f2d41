"""One-time codes: five minutes, five tries, once, one a minute."""

import asyncio

from libs.common.contracts.auth import UserActivated
from libs.common.testing import Bench
from services.auth.tests.people import (
    HOANG,
    code_mailed,
    code_of,
    log_in,
    pass_time,
    post,
    register,
    sign_up,
    verify,
)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def resend(bench: Bench, **whose: str) -> None:
    """Ask for a new code; the answer never tells anything."""
    answer = await post(bench, "/auth/resend-otp", whose)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"timeout": 300}
    assert answer.json()["message"].startswith("Nếu tài khoản tồn tại")


async def test_the_seeds_sample(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    answer = await verify(bench, code)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Xác thực thành công. Tài khoản đã được kích hoạt.",
        "data": True,
        "error": None,
    }
    activated = (await bench.published())[-1]
    assert isinstance(activated, UserActivated)
    assert (activated.is_active, activated.version) == (True, 2)
    assert (await log_in(bench)).status_code == 200


async def test_a_code_works_once(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    both = await asyncio.gather(verify(bench, code), verify(bench, code))
    assert sorted(answer.status_code for answer in both) == [200, 400]
    assert [type(event) for event in await bench.published()].count(UserActivated) == 1
    assert code_of(await verify(bench, code)) == "INVALID_OTP"


async def test_the_phone_number_will_do(bench: Bench) -> None:
    await register(bench)
    body = {"phone": "+84 909 123 456", "otpCode": await code_mailed(bench)}
    assert (await post(bench, "/auth/verify-otp", body)).status_code == 200


async def test_a_wrong_code_says_what_the_seed_says(bench: Bench) -> None:
    await register(bench)
    answer = await verify(bench, other_than(await code_mailed(bench)))
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "Mã OTP không chính xác hoặc đã hết hạn.",
        "data": None,
        "error": {"code": "INVALID_OTP", "details": "OTP mismatch"},
    }


async def test_four_wrong_tries_are_forgiven(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    for _ in range(4):
        assert code_of(await verify(bench, other_than(code))) == "INVALID_OTP"
    assert (await verify(bench, code)).status_code == 200


async def test_after_five_wrong_tries_the_right_code_is_void(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    wrong = await asyncio.gather(*(verify(bench, other_than(code)) for _ in range(20)))
    assert {code_of(answer) for answer in wrong} == {"INVALID_OTP"}
    assert await bench.rows("SELECT tries_left FROM one_time_codes") == [{"tries_left": 0}]
    assert code_of(await verify(bench, code)) == "INVALID_OTP"
    assert code_of(await log_in(bench)) == "ACCOUNT_NOT_VERIFIED"


async def test_a_code_is_too_old_after_five_minutes(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    await pass_time(bench, "one_time_codes", "5 minutes")
    assert code_of(await verify(bench, code)) == "INVALID_OTP"


async def test_it_lives_nearly_that_long(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    await pass_time(bench, "one_time_codes", "4 minutes 30 seconds")
    assert (await verify(bench, code)).status_code == 200


async def test_a_code_is_bound_to_its_account(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    await register(bench, email="b@email.com", username="bbb", phone=None)
    if await code_mailed(bench) != code:  # one in a million is the same by chance
        assert code_of(await verify(bench, code, "b@email.com")) == "INVALID_OTP"


async def test_no_code_is_stored_readably(bench: Bench) -> None:
    await register(bench)
    code = await code_mailed(bench)
    [row] = await bench.rows("SELECT * FROM one_time_codes")
    assert len(row["code_hash"]) == 32
    assert code not in repr(row["code_hash"])
    rows = await bench.rows("SELECT handler, body FROM inbox ORDER BY received_at")
    assert [(*row.values(),) for row in rows] == [("mail_code", None), ("send_mail", None)]


async def test_asking_for_a_code_is_the_same_work_for_everybody(bench: Bench) -> None:
    await sign_up(bench)
    await register(bench, email="b@email.com", username="bbb", phone=None)
    await code_mailed(bench)
    await pass_time(bench, "one_time_codes", "1 minute")
    codes = await bench.rows("SELECT * FROM one_time_codes")
    for email in ("nobody@email.com", HOANG["email"], "b@email.com"):
        await resend(bench, email=email)
        waiting = "SELECT handler FROM inbox WHERE state = 'waiting' AND body LIKE :whose"
        assert await bench.rows(waiting, whose=f'%"{email}"%') == [{"handler": "mail_code"}]
    assert await bench.rows("SELECT * FROM one_time_codes") == codes
    await bench.settle()
    assert [mail["To"] for mail in bench.mail.sent[2:]] == ["b@email.com"]
    assert await bench.rows("SELECT FROM inbox WHERE body IS NOT NULL") == []


async def test_a_new_code_comes_in_the_language_of_whoever_asked(bench: Bench) -> None:
    await register(bench)
    await code_mailed(bench)
    await pass_time(bench, "one_time_codes", "1 minute")
    whose, english = {"email": HOANG["email"]}, {"Accept-Language": "en"}
    await post(bench, "/auth/resend-otp", whose, **english)
    await bench.settle()
    subjects = [mail["Subject"] for mail in bench.mail.sent]
    assert subjects == ["Mã xác thực tài khoản Waymark", "Your Waymark verification code"]


async def test_an_unknown_account_answers_the_same(bench: Bench) -> None:
    assert code_of(await verify(bench, "123456", "nobody@email.com")) == "INVALID_OTP"
    await resend(bench, email="nobody@email.com")
    await resend(bench, phone="0987654321")
    await bench.settle()
    assert bench.mail.sent == []


async def test_one_code_a_minute_the_registrations_counted(bench: Bench) -> None:
    await register(bench)
    first = await code_mailed(bench)
    await resend(bench, email=HOANG["email"])
    await bench.settle()
    assert len(bench.mail.sent) == 1
    await pass_time(bench, "one_time_codes", "1 minute")
    await asyncio.gather(*(resend(bench, phone=HOANG["phone"]) for _ in range(5)))
    second = await code_mailed(bench)
    assert len(bench.mail.sent) == 2
    if first != second:
        assert code_of(await verify(bench, first)) == "INVALID_OTP"
    assert (await verify(bench, second)).status_code == 200


async def mails_after(bench: Bench, interval: str) -> int:
    """Let time pass and ask for a code; return how many mails there are."""
    await pass_time(bench, "one_time_codes", interval)
    await resend(bench, email=HOANG["email"])
    await bench.settle()
    return len(bench.mail.sent)


async def guess_away(bench: Bench) -> None:
    """Use up the tries of the code that was mailed last."""
    wrong = other_than(await code_mailed(bench))
    for _ in range(5):
        await verify(bench, wrong)


async def test_who_guesses_waits_longer_for_each_new_code(bench: Bench) -> None:
    await register(bench)
    for mails, minutes in enumerate((2, 4, 8), 1):
        await guess_away(bench)
        assert await mails_after(bench, f"{minutes} minutes -2 seconds") == mails
        assert await mails_after(bench, "2 seconds") == mails + 1
    assert (await verify(bench, await code_mailed(bench))).status_code == 200
    for mails in (5, 6):  # which begins the count anew
        await pass_time(bench, "one_time_codes", "1 minute")
        await post(bench, "/auth/forgot-password", {"email": HOANG["email"]})
        await bench.settle()
        assert len(bench.mail.sent) == mails


async def test_ten_codes_a_day_for_each_purpose(bench: Bench) -> None:
    await register(bench)
    await bench.settle()
    for mails in range(1, 11):
        assert await mails_after(bench, "1 minute") == min(mails + 1, 10)
    assert await mails_after(bench, "23 hours") == 10
    await post(bench, "/auth/forgot-password", {"email": HOANG["email"]})
    await bench.settle()
    assert len(bench.mail.sent) == 11
    assert await mails_after(bench, "50 minutes") == 12


async def test_an_active_account_gets_no_more_codes(bench: Bench) -> None:
    await sign_up(bench)
    await pass_time(bench, "one_time_codes", "1 hour")
    await resend(bench, email=HOANG["email"])
    await bench.settle()
    assert len(bench.mail.sent) == 1


async def test_bad_input(bench: Bench) -> None:
    for whose in ({}, {"email": HOANG["email"], "phone": HOANG["phone"]}, {"email": "hoang"}):
        answer = await post(bench, "/auth/resend-otp", whose)
        assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
    for code in ("12345", "1234567", "abcdef", "１２３４５６", 123456, None, "12\u00003456"):
        body = {"email": HOANG["email"], "otpCode": code}
        answer = await post(bench, "/auth/verify-otp", body)
        assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")
