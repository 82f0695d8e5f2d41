"""The lock-out: ten wrong passwords, then waits that grow."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from libs.common.testing import Bench
from services.auth.rules import is_forgotten, lock_after
from services.auth.tests.people import (
    HOANG,
    PASSWORD,
    bearer,
    code_of,
    log_in,
    pass_time,
    post,
    sign_up,
)

WRONG = "Password124!"


async def guess(bench: Bench, times: int, login: str = HOANG["email"]) -> list[str]:
    return [code_of(await log_in(bench, login, WRONG)) for _ in range(times)]


async def refused(bench: Bench, seconds: int, login: str = HOANG["email"]) -> None:
    """Make sure that even the right password is refused, for about so long."""
    answer = await log_in(bench, login)
    assert (answer.status_code, code_of(answer)) == (429, "TOO_MANY_ATTEMPTS")
    assert answer.json()["message"] == "Có quá nhiều lượt thử. Vui lòng thử lại sau."
    assert seconds - 5 <= int(answer.headers["retry-after"]) <= seconds


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (9, 0), (10, 30), (11, 60), (12, 120), (16, 1920), (17, 3600), (10_000, 3600)],
)
def test_how_long(failures: int, seconds: int) -> None:
    assert lock_after(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("locked_for", "passed", "forgotten"),
    [
        (None, 899, False),
        (None, 900, True),
        (3600, 4499, False),
        (3600, 4500, True),
        (0, 900, True),
    ],
)
def test_when_it_is_forgotten(locked_for: int | None, passed: int, forgotten: bool) -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    until = None if locked_for is None else then + timedelta(seconds=locked_for)
    now = then + timedelta(seconds=passed)
    assert is_forgotten(now=now, last_failed_at=then, locked_until=until) is forgotten


async def test_ten_wrong_passwords_lock_the_account(bench: Bench) -> None:
    await sign_up(bench)
    assert await guess(bench, 10) == ["INVALID_CREDENTIALS"] * 10
    await refused(bench, 30)
    assert await guess(bench, 3) == ["TOO_MANY_ATTEMPTS"] * 3  # which do not lengthen the wait
    await refused(bench, 30)


async def test_each_further_one_doubles_the_wait(bench: Bench) -> None:
    await sign_up(bench)
    await guess(bench, 10)
    for seconds in (60, 120, 240):
        await pass_time(bench, "sign_in_failures", f"{seconds // 2} seconds")
        assert await guess(bench, 1) == ["INVALID_CREDENTIALS"]
        await refused(bench, seconds)


async def test_the_right_password_ends_it(bench: Bench) -> None:
    await sign_up(bench)
    await guess(bench, 10)
    await pass_time(bench, "sign_in_failures", "30 seconds")
    assert (await log_in(bench)).status_code == 200
    assert await bench.rows("SELECT FROM sign_in_failures") == []
    assert await guess(bench, 10) == ["INVALID_CREDENTIALS"] * 10


async def test_wrong_ones_of_long_ago_are_forgotten(bench: Bench) -> None:
    await sign_up(bench)
    await guess(bench, 9)
    await pass_time(bench, "sign_in_failures", "15 minutes")
    assert await guess(bench, 9) == ["INVALID_CREDENTIALS"] * 9
    assert (await log_in(bench)).status_code == 200


async def test_an_unknown_address_is_locked_the_same(bench: Bench) -> None:
    for login in ("nobody@email.com", "0987654321", "no address"):
        assert await guess(bench, 10, login) == ["INVALID_CREDENTIALS"] * 10
        await refused(bench, 30, login)


async def test_another_spelling_brings_no_further_tries(bench: Bench) -> None:
    await sign_up(bench)
    spellings = (HOANG["email"], "HOANG@Email.com", "0909123456", "+84 909 123 456", "0909.123.456")
    for login in spellings:
        await guess(bench, 2, login)
    for login in spellings:
        await refused(bench, 30, login)
    for login in ("a@email.com", "A@EMAIL.com") * 5:
        await guess(bench, 1, login)
    await refused(bench, 30, "a@Email.com")


async def test_it_is_the_account_that_is_locked(bench: Bench) -> None:
    await sign_up(bench)
    await sign_up(bench, email="b@email.com", username="bbb", phone=None)
    await guess(bench, 10)
    assert (await log_in(bench, "b@email.com")).status_code == 200


async def test_guesses_at_once_gain_nothing(bench: Bench) -> None:
    await sign_up(bench)
    passwords = [WRONG] * 15 + [PASSWORD] + [WRONG] * 14
    answers = await asyncio.gather(*(log_in(bench, password=password) for password in passwords))
    codes = Counter("OK" if answer.is_success else code_of(answer) for answer in answers)
    # The right one may come before the tenth wrong one, and then begins the count anew.
    assert codes["INVALID_CREDENTIALS"] <= 10 * (1 + codes["OK"])
    assert codes["TOO_MANY_ATTEMPTS"] >= 9
    await refused(bench, 30)


async def test_only_wrong_ones_at_once_are_ten_judged(bench: Bench) -> None:
    codes = Counter(map(code_of, await asyncio.gather(
        *(log_in(bench, password=WRONG) for _ in range(30))
    )))  # fmt: skip
    assert codes == {"INVALID_CREDENTIALS": 10, "TOO_MANY_ATTEMPTS": 20}


async def test_the_form_answers_in_the_envelope(bench: Bench) -> None:
    await sign_up(bench)
    await guess(bench, 10)
    form = {"username": HOANG["email"], "password": PASSWORD}
    answer = await bench.client.post("/api/v1/auth/login/form", data=form)
    assert (answer.status_code, code_of(answer)) == (429, "TOO_MANY_ATTEMPTS")
    assert 25 <= int(answer.headers["retry-after"]) <= 30


async def test_the_form_counts(bench: Bench) -> None:
    await sign_up(bench)
    form = {"username": HOANG["phone"], "password": WRONG}
    for _ in range(10):
        assert (await bench.client.post("/api/v1/auth/login/form", data=form)).status_code == 400
    await refused(bench, 30)


async def change(bench: Bench, data: dict[str, Any], current: str) -> httpx.Response:
    body = {"currentPassword": current, "newPassword": "NewPassword123!"}
    return await post(bench, "/auth/change-password", body, **bearer(data))


async def test_confirming_a_password_counts(bench: Bench) -> None:
    data = await sign_up(bench)
    for _ in range(10):
        answer = await change(bench, data, WRONG)
        assert (answer.status_code, code_of(answer)) == (401, "INVALID_CREDENTIALS")
    answer = await change(bench, data, PASSWORD)
    assert (answer.status_code, code_of(answer)) == (429, "TOO_MANY_ATTEMPTS")
    assert 25 <= int(answer.headers["retry-after"]) <= 30
    await refused(bench, 30)


async def test_the_table_names_nobody(bench: Bench) -> None:
    await guess(bench, 1)
    [row] = await bench.rows("SELECT * FROM sign_in_failures")
    assert len(row["login_hash"]) == 32
    assert row["failures"] == 1
    assert "hoang" not in repr(row)
