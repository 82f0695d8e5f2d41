"""Tokens: only ours, only fresh, signed one way; a verdict is remembered until its end."""

import base64
from typing import Any
from uuid import uuid4

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common import errors
from libs.common.identity import Role, Verifier, bearer_token
from libs.common.testing import jwks, make_token


class Keys:
    """The auth service's key set, counting how often it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        return jwks()


SECRET = "0123456789abcdef" * 2


def verifier(keys: Keys, capacity: int = 100, secret: str | None = None) -> Verifier:
    return Verifier(
        keys, issuer="waymark", audience="waymark-api", capacity=capacity, secret=secret
    )


async def test_a_good_token_tells_who_bears_it() -> None:
    user_id = uuid4()
    identity = await verifier(Keys()).verify(make_token(Role.EMPLOYER, user_id))
    assert (identity.user_id, identity.role) == (user_id, Role.EMPLOYER)


async def test_verdicts_and_keys_are_remembered() -> None:
    keys = Keys()
    ours = verifier(keys)
    token = make_token(Role.CANDIDATE, uuid4())
    first = await ours.verify(token)
    assert await ours.verify(token) is first
    await ours.verify(make_token(Role.CANDIDATE, uuid4()))
    assert keys.asked == 1


async def test_a_remembered_verdict_ends_with_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = verifier(Keys())
    token = make_token(Role.CANDIDATE, uuid4())
    identity = await ours.verify(token)
    monkeypatch.setattr("libs.common.identity.time", lambda: identity.expires_at + 1)
    with pytest.raises(errors.TokenExpired):
        await ours.verify(token)


async def test_remembered_verdicts_are_bounded() -> None:
    ours = verifier(Keys(), capacity=3)
    tokens = [make_token(Role.CANDIDATE, uuid4()) for _ in range(5)]
    for token in tokens:
        await ours.verify(token)
    assert list(ours._verdicts) == tokens[-3:]


def _unsigned() -> str:
    claims = jwt.decode(make_token(Role.ADMIN, uuid4()), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "test"})


def _signed_with_the_public_key() -> str:
    claims = jwt.decode(make_token(Role.ADMIN, uuid4()), options={"verify_signature": False})
    secret = base64.urlsafe_b64decode(jwks()["keys"][0]["x"] + "=")
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": "test"})


def _tampered() -> str:
    head, body, signature = make_token(Role.CANDIDATE, uuid4()).split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(body + "=="))
    forged = orjson.dumps({**claims, "role": "Admin"})
    return f"{head}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize(
    "token",
    [
        "garbage",
        "a.b.c",
        "é.é.é",
        "",
        _unsigned(),
        _signed_with_the_public_key(),
        _tampered(),
        make_token(Role.ADMIN, uuid4(), aud="another"),
        make_token(Role.ADMIN, uuid4(), iss="another"),
        make_token(Role.ADMIN, uuid4(), role="Root"),
        make_token(Role.ADMIN, uuid4(), sub="not-an-id"),
        make_token(Role.ADMIN, uuid4(), sid=None),
    ],
)
async def test_what_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(errors.TokenInvalid):
        await verifier(Keys()).verify(token)


def _claims(role: Role = Role.ADMIN) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        make_token(role, uuid4()), options={"verify_signature": False}
    )
    return claims


async def test_with_a_secret_its_tokens_are_ours_and_no_keys_are_asked_for() -> None:
    keys, claims = Keys(), _claims(Role.EMPLOYER)
    identity = await verifier(keys, secret=SECRET).verify(jwt.encode(claims, SECRET, "HS256"))
    assert (str(identity.user_id), identity.role) == (claims["sub"], Role.EMPLOYER)
    assert keys.asked == 0


@pytest.mark.parametrize(
    "token",
    [
        make_token(Role.ADMIN, uuid4()),
        _unsigned(),
        _signed_with_the_public_key(),
        jwt.encode(_claims(), SECRET[::-1], "HS256"),
        jwt.encode(_claims(), SECRET * 2, "HS512"),
        jwt.encode(_claims(), Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": "test"}),
    ],
)
async def test_with_a_secret_nothing_else_is_ours(token: str) -> None:
    with pytest.raises(errors.TokenInvalid):
        await verifier(Keys(), secret=SECRET).verify(token)


async def test_with_keys_a_token_by_the_secret_is_not_ours() -> None:
    with pytest.raises(errors.TokenInvalid):
        await verifier(Keys()).verify(
            jwt.encode(_claims(), SECRET, "HS256", headers={"kid": "test"})
        )


async def test_an_old_token_is_expired_not_invalid() -> None:
    with pytest.raises(errors.TokenExpired):
        await verifier(Keys()).verify(make_token(Role.ADMIN, uuid4(), exp=1_000_000))


async def test_an_unknown_key_asks_once_for_new_keys_not_every_time() -> None:
    keys = Keys()
    ours = verifier(keys)
    claims = jwt.decode(make_token(Role.ADMIN, uuid4()), options={"verify_signature": False})
    other = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": "other"})
    for _ in range(5):
        with pytest.raises(errors.TokenInvalid):
            await ours.verify(other)
    assert keys.asked <= 1


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "token"])
def test_without_a_bearer_nobody_is_signed_in(header: str | None) -> None:
    with pytest.raises(errors.Unauthenticated) as raised:
        bearer_token(header)
    assert raised.value.headers["WWW-Authenticate"] == "Bearer"
