"""Limits per client address: what is decided, what is remembered, what callers are told."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rate_limits import Decision, RateLimit, RateLimits, Window, decide, group_of
from gateway.settings import GatewaySettings
from gateway.tests.conftest import Make
from gateway.tests.rig import Client, call, scope
from libs.common.errors import TooManyRequests
from libs.common.identity import Role
from libs.common.testing import make_token


def request(path: str, client: str = "203.0.113.7", **more: Any) -> dict[str, Any]:
    return scope(path=path) | {"client": (client, 4711)} | more


def refused(client: Client) -> Any:
    assert client.status == 429
    body = orjson.loads(client.content)
    assert (body["data"], body["error"]["code"]) == (None, "TOO_MANY_REQUESTS")
    return body["message"]


def test_as_many_as_the_limit_and_not_one_more_until_there_is_room() -> None:
    window: Window | None = None
    for number in range(3):
        decision = decide(window, 1.0 * number, 3, 60)
        window = decision.window
        assert (decision.admitted, decision.left) == (True, 2 - number)
    late = decide(window, 10, 3, 60)
    assert (late.admitted, late.left, late.window) == (False, 0, window)
    assert late.seconds == pytest.approx(70)  # 50 to the window's end, a third of the next
    assert not decide(window, 10 + late.seconds - 0.1, 3, 60).admitted
    assert decide(window, 10 + late.seconds, 3, 60).admitted


def test_the_window_before_slides_out_of_sight() -> None:
    window = Window(100, 0, 3)
    assert not decide(window, 100, 3, 60).admitted
    assert not decide(window, 119, 3, 60).admitted
    first = decide(window, 120, 3, 60)
    assert (first.admitted, first.window, first.left) == (True, Window(100, 1, 3), 0)
    assert first.seconds == pytest.approx(20)
    assert decide(window, 220, 3, 60) == Decision(True, Window(220, 1, 0), 2, 60)


@given(
    limit=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 40, allow_nan=False, width=32), min_size=20, max_size=60),
)
def test_no_window_of_its_own_ever_holds_more_and_waiting_always_helps(
    limit: int, pauses: list[float]
) -> None:
    window: Window | None = None
    now, admitted = 0.0, []
    for pause in pauses:
        now += pause
        decision = decide(window, now, limit, 60)
        window = decision.window
        if decision.admitted:
            admitted.append((window.start, now))
        else:
            assert 0 < decision.seconds <= 120
            assert decide(window, now + decision.seconds + 1e-6, limit, 60).admitted
    for start, _ in admitted:
        assert len([one for one, _ in admitted if one == start]) <= limit


async def test_a_caller_over_the_limit_is_told_when_to_come_again(make_gateway: Make) -> None:
    app = make_gateway()
    for left in (2, 1):
        client = await call(app, request("/api/v1/three"))
        assert client.status == 200
        assert client.headers[b"ratelimit-policy"] == b'"three";q=3;w=60'
        assert client.headers[b"ratelimit"] == b'"three";r=%d;t=60' % left
    last = await call(app, request("/api/v1/three"))
    assert last.headers[b"ratelimit"] == b'"three";r=0;t=80'
    client = await call(app, request("/api/v1/three", method="POST"), [b"never read"])
    assert client.position == 0
    assert client.headers[b"retry-after"] == b"80"
    assert client.headers[b"ratelimit-policy"] == b'"three";q=3;w=60'
    assert client.headers[b"ratelimit"] == b'"three";r=0;t=80'
    english = request("/api/v1/three", headers=[(b"accept-language", b"en")])
    assert refused(await call(app, english)) != refused(client)


async def test_other_addresses_policies_and_routes_are_not_touched(make_gateway: Make) -> None:
    app = make_gateway()
    for _ in range(3):
        await call(app, request("/api/v1/three"))
    refused(await call(app, request("/api/v1/three")))
    assert (await call(app, request("/api/v1/three", "203.0.113.8"))).status == 200
    assert (await call(app, request("/api/v1/two"))).headers[b"ratelimit"] == b'"two";r=1;t=10'
    free = await call(app, request("/api/v1/jobs"))
    assert free.status == 200
    assert b"ratelimit" not in free.headers


async def test_routes_of_one_policy_share_it_and_refusals_for_other_reasons_count(
    make_gateway: Make,
) -> None:
    app = make_gateway()
    await call(app, request("/api/v1/three"))
    anonymous = await call(app, request("/api/v1/three/7"))
    assert (anonymous.status, anonymous.headers[b"ratelimit"]) == (401, b'"three";r=1;t=60')
    bearer = [(b"authorization", f"Bearer {make_token(Role.ADMIN, uuid4())}".encode())]
    assert (await call(app, request("/api/v1/three/7", headers=bearer))).status == 200
    refused(await call(app, request("/api/v1/three/7", headers=bearer)))


async def test_a_64_counts_as_one_client(make_gateway: Make) -> None:
    app = make_gateway()
    for last in range(3):
        assert (await call(app, request("/api/v1/three", f"2001:db8:0:1::{last}"))).status == 200
    refused(await call(app, request("/api/v1/three", "2001:db8:0:1:ffff::9")))
    assert (await call(app, request("/api/v1/three", "2001:db8:0:2::1"))).status == 200
    assert group_of("2001:db8::1") == group_of("2001:0db8:0:0:ffff::") != group_of("2001:db9::1")


async def test_a_mapped_ipv4_address_is_that_address(make_gateway: Make) -> None:
    app = make_gateway()
    for _ in range(3):
        await call(app, request("/api/v1/three", "::ffff:203.0.113.7"))
    refused(await call(app, request("/api/v1/three", "203.0.113.7")))
    assert (await call(app, request("/api/v1/three", "::ffff:203.0.113.8"))).status == 200


@pytest.mark.parametrize(("scale", "most"), [(2.0, 6), (0.5, 1), (0.01, 1)])
async def test_the_scale_multiplies_limits(make_gateway: Make, scale: float, most: int) -> None:
    app = make_gateway(rate_limit_scale=scale)
    for _ in range(most):
        client = await call(app, request("/api/v1/three"))
        assert client.status == 200
        assert client.headers[b"ratelimit-policy"] == b'"three";q=%d;w=60' % most
    refused(await call(app, request("/api/v1/three")))


async def test_a_scale_of_0_lifts_them(make_gateway: Make) -> None:
    app = make_gateway(rate_limit_scale=0)
    for _ in range(10):
        client = await call(app, request("/api/v1/three"))
        assert client.status == 200
        assert b"ratelimit" not in client.headers


def test_a_scale_is_a_number_from_0() -> None:
    for bad in (-1, "nan", "inf"):
        with pytest.raises(ValueError, match="rate_limit_scale"):
            GatewaySettings(_env_file=None, rate_limit_scale=bad)


def test_the_memory_is_bounded_and_forgets_who_called_least_recently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.rate_limits.MOST_ADDRESSES", 100)
    limits, one = RateLimits(1.0), RateLimit("one", 1, 60)
    limits.check(one, "10.9.9.9")
    for number in range(1000):
        limits.check(one, f"10.0.{number >> 8}.{number & 255}")
        with pytest.raises(TooManyRequests):
            limits.check(one, "10.9.9.9")  # it keeps calling, so it is kept
    assert len(limits._windows["one"]) == 100
    limits.check(one, "10.0.0.0")  # forgotten, and admitted again
