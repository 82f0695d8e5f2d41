"""Nobody learns from the clock which accounts there are."""

from collections.abc import Awaitable, Callable
from math import sqrt
from statistics import median, quantiles
from time import perf_counter

import httpx
import pytest

from libs.common.testing import Bench
from services.auth import otp, rules
from services.auth.tests.people import HOANG, log_in, post, register, sign_up

PAIRS = 40


async def hold_even(
    known: Callable[[], Awaitable[httpx.Response]],
    unknown: Callable[[], Awaitable[httpx.Response]],
    part: float = 0.2,
) -> None:
    """Compare two calls made in turn: their median difference is a small part of their time.

    What the noise of the machine may add to it is added to what is allowed.
    """
    differences, times = [], []
    for _ in range(PAIRS + 2):
        begun = perf_counter()
        first = await known()
        between = perf_counter()
        second = await unknown()
        ended = perf_counter()
        assert first.status_code == second.status_code
        differences.append((between - begun) - (ended - between))
        times.append(between - begun)
    low, _, high = quantiles(differences[2:], n=4)  # the first two warm up
    allowed = part * median(times) + 2 * (high - low) / sqrt(PAIRS)
    assert abs(median(differences[2:])) < allowed


async def test_of_a_wrong_password(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FREE_TRIES", 10**6)
    await sign_up(bench)
    wrong = "Password124!"
    await hold_even(
        lambda: log_in(bench, password=wrong), lambda: log_in(bench, "nobody@email.com", wrong)
    )


async def test_of_asking_for_a_code(bench: Bench) -> None:
    await sign_up(bench)
    path = "/auth/forgot-password"
    await hold_even(
        lambda: post(bench, path, {"email": HOANG["email"]}),
        lambda: post(bench, path, {"email": "nobody@email.com"}),
    )


@pytest.mark.parametrize("path", ["/auth/verify-otp", "/auth/reset-password"])
async def test_of_a_wrong_code(bench: Bench, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(otp, "TRIES", 10**6)
    await register(bench)
    await post(bench, "/auth/forgot-password", {"email": HOANG["email"]})
    await bench.settle()
    wrong = {"otpCode": "000000"}  # but for once in a million
    if path.endswith("reset-password"):
        wrong |= {"newPassword": "NewPassword123!"}
    await hold_even(
        lambda: post(bench, path, {"email": HOANG["email"], **wrong}),
        lambda: post(bench, path, {"email": "nobody@email.com", **wrong}),
        part=0.05,
    )
