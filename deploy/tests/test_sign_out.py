"""Signing out of a running system: the access token dies with its session, within a second."""

import time

import httpx

from deploy.seed import DEMO_ACCOUNTS, DEMO_PASSWORD
from deploy.tests.demo import signed_in
from deploy.tests.systems import one_process

SECRET = "q3Jv0mZt8yWb5sXc1nRd7fHk2pLg4uTa"


def signs_out(client: httpx.Client) -> None:
    """Sign out on one of two devices; the other stays signed in."""
    mine, other = [signed_in(client, "Candidate") for _ in range(2)]
    everywhere = ["/api/v1/users/me", "/api/v1/candidates/me/applies", "/api/v1/notifications"]
    for path in everywhere:
        assert client.get(path, headers=mine).status_code == 200, path
    assert client.post("/api/v1/auth/logout", headers=mine).status_code == 200
    begun = time.monotonic()
    while client.get(everywhere[0], headers=mine).status_code == 200:
        assert time.monotonic() - begun < 1
        time.sleep(0.02)
    for path in everywhere:
        refused = client.get(path, headers=mine)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "TOKEN_INVALID")
        assert client.get(path, headers=other).status_code == 200, path


def test_with_keys(api: httpx.Client) -> None:
    signs_out(api)


def test_with_a_secret_and_limits() -> None:
    """Six sign-ins in a minute: the demo makes two, the devices are two, two are left."""
    settings = {"JWT_ALGORITHM": "HS256", "JWT_SECRET_KEY": SECRET, "RATE_LIMIT_SCALE": "0.1"}
    with (
        one_process(DEMO_DATA="1", **settings) as system,
        httpx.Client(base_url=system.url, timeout=40) as client,
    ):
        assert client.get("/.well-known/jwks.json").json() == {"keys": []}
        signs_out(client)
        form = {"username": DEMO_ACCOUNTS["Candidate"], "password": DEMO_PASSWORD}
        told = [client.post("/api/v1/auth/login/form", data=form) for _ in range(3)]
        assert [answer.status_code for answer in told] == [200, 200, 429]
        assert told[1].headers["RateLimit-Policy"] == '"sign-in";q=6;w=60'
        assert told[2].json()["error"]["code"] == "TOO_MANY_REQUESTS"
        assert int(told[2].headers["Retry-After"]) >= 1


def test_nobody_outside_reads_who_has_signed_out(api: httpx.Client) -> None:
    assert api.get("/internal/revocations").status_code == 404


def test_a_device_is_shown_with_its_true_address(api: httpx.Client) -> None:
    api.headers["X-Forwarded-For"] = "198.51.100.66"
    try:
        mine = signed_in(api, "Candidate")
        devices = api.get("/api/v1/auth/sessions", headers=mine).json()["data"]
    finally:
        del api.headers["X-Forwarded-For"]
    assert {device["ip"] for device in devices} == {"127.0.0.1"}
