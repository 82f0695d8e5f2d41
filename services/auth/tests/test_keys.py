"""Keys in the data folder, and the tokens that they sign."""

import asyncio
import os
import stat
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, time
from typing import Any

import httpx
import jwt
import pytest
from click.testing import CliRunner

from libs.common import clock, identity
from libs.common.errors import TokenInvalid
from libs.common.identity import Role, Verifier
from libs.common.ids import new_id
from libs.common.service import create_app
from libs.common.settings import CommonSettings
from libs.common.testing import Bench
from services.auth import keys
from services.auth.cli import commands
from services.auth.keys import PAUSE, SigningKey, rotate, signing_key, signing_keys
from services.auth.service import service
from services.auth.tests.people import sign_up
from services.auth.tokens import jwks, sign_access_token

LIFE = timedelta(minutes=15)
SHOW = """
import sys; from pathlib import Path; from services.auth.keys import signing_keys
print(signing_keys(Path(sys.argv[1]))[-1].id)
"""


def common(folder: Path) -> CommonSettings:
    return CommonSettings(data_dir=folder)


def signed(settings: CommonSettings) -> str:
    return sign_access_token(
        settings, user_id=new_id(), session_id=new_id(), role=Role.CANDIDATE, now=clock.now()
    )


def verifier(settings: CommonSettings) -> Verifier:
    async def fetch() -> dict[str, Any]:
        return jwks(settings)

    return Verifier(fetch, issuer="waymark", audience="waymark-api")


def test_what_is_made_is_for_the_owner_only(tmp_path: Path) -> None:
    signing_keys(tmp_path)
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert made == {"0001.pem": 0o600}


async def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    async def start() -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SHOW, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        shown, _ = await process.communicate()
        assert process.returncode == 0
        return shown

    shown = await asyncio.gather(*(start() for _ in range(5)))
    assert len(set(shown)) == 1
    assert shown[0].decode().strip() == signing_keys(tmp_path)[-1].id


def age(key: SigningKey, by: timedelta) -> None:
    """Make a key older."""
    then = (key.made_at - by).timestamp()
    os.utime(key.file, (then, then))


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def test_a_new_key_is_public_first_and_signs_later(tmp_path: Path) -> None:
    settings = common(tmp_path)
    before = signed(settings)
    made, removed = rotate(tmp_path, LIFE)
    assert removed == []
    assert [key["kid"] for key in jwks(settings)["keys"]] == [kid_of(before), made.id]
    assert kid_of(signed(settings)) == kid_of(before)
    age(made, PAUSE)
    after = signed(settings)
    assert kid_of(after) == made.id
    check = verifier(settings)
    assert (await check.verify(before)).role is (await check.verify(after)).role is Role.CANDIDATE


def test_a_key_goes_when_its_last_token_is_over(tmp_path: Path) -> None:
    [first] = signing_keys(tmp_path)
    second, _ = rotate(tmp_path, LIFE)
    age(second, PAUSE + LIFE)
    third, removed = rotate(tmp_path, LIFE)
    assert removed == []
    age(second, PAUSE + LIFE + timedelta(minutes=1))
    fourth, removed = rotate(tmp_path, LIFE)
    assert [key.id for key in removed] == [first.id]
    assert [key.id for key in signing_keys(tmp_path)] == [second.id, third.id, fourth.id]
    assert signing_key(tmp_path).id == second.id


def test_the_key_that_signs_stays_however_old(tmp_path: Path) -> None:
    [first] = signing_keys(tmp_path)
    age(first, timedelta(days=1000))
    second, removed = rotate(tmp_path, LIFE)
    assert removed == []
    assert signing_key(tmp_path).id == first.id
    assert [key.id for key in signing_keys(tmp_path)] == [first.id, second.id]


async def test_nobody_is_refused_while_keys_rotate(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests go on through three rotations; the pauses are shorter, in the same proportion."""
    monkeypatch.setattr(identity, "_REFETCH_SECONDS", 0.05)
    monkeypatch.setattr(keys, "PAUSE", timedelta(seconds=0.15))
    monkeypatch.setattr(keys, "_SKEW", timedelta(seconds=0.05))
    settings, data = bench.runtime.settings, await sign_up(bench)
    claims = jwt.decode(data["accessToken"], options={"verify_signature": False})
    whose = {"user_id": claims["sub"], "session_id": claims["sid"], "role": claims["role"]}

    async def fetch() -> dict[str, Any]:
        shown: dict[str, Any] = (await bench.client.get("/.well-known/jwks.json")).json()
        return shown

    check = Verifier(fetch, issuer="waymark", audience="waymark-api")
    app = create_app(service, replace(bench.runtime, verifier=check))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://waymark")
    signers, end = [], monotonic() + 10
    for _ in range(3):
        made, _ = rotate(settings.data_dir, timedelta(seconds=0.1))
        while made.id not in signers:
            assert monotonic() < end
            token = sign_access_token(settings, now=clock.now(), **whose)
            signers.append(kid_of(token))
            headers = {"Authorization": f"Bearer {token}"}
            assert (await client.get("/api/v1/users/me", headers=headers)).status_code == 200
    await client.aclose()
    assert len(set(signers)) == 4
    assert len(jwks(settings)["keys"]) < 4


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before anything has run, when there is neither a key nor a database."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(commands, ["rotate-keys"])
    assert result.exit_code == 0, result.output
    [first] = signing_keys(tmp_path)
    said = f"There was no key in {tmp_path}: {first.id} is made, and signs at once.\n"
    assert result.output == said
    result = CliRunner().invoke(commands, ["rotate-keys"])
    made = signing_keys(tmp_path)[-1]
    assert result.output == f"{made.id} is public now, and signs in 120 seconds.\n"
    age(made, timedelta(hours=1))
    result = CliRunner().invoke(commands, ["rotate-keys"])
    assert result.output.splitlines()[1] == f"{first.id} is removed."


async def test_a_shared_secret_signs_instead(tmp_path: Path) -> None:
    secret = "k3JdQ0tq9vW1xZ7uY5sR2pN8mL4hG6fD"
    settings = CommonSettings(data_dir=tmp_path, jwt_algorithm="HS256", jwt_secret_key=secret)
    token = signed(settings)
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    assert jwks(settings) == {"keys": []}

    async def fetch() -> dict[str, Any]:
        return jwks(settings)

    check = Verifier(fetch, issuer="waymark", audience="waymark-api", secret=secret)
    assert (await check.verify(token)).role is Role.CANDIDATE
    with pytest.raises(TokenInvalid):
        await check.verify(signed(common(tmp_path)))
    assert not (tmp_path / "keys/secret").exists()


async def test_a_token_of_another_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenInvalid):
        await verifier(common(tmp_path / "a")).verify(signed(common(tmp_path / "b")))


def test_the_jwks_shows_public_halves_only(tmp_path: Path) -> None:
    [key] = jwks(common(tmp_path))["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}


def test_claims(tmp_path: Path) -> None:
    claims = jwt.decode(signed(common(tmp_path)), options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "role", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert abs(claims["iat"] - time()) < 5


def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/0001.pem").write_text("no key")
    with pytest.raises(ValueError, match="PEM"):
        signing_keys(tmp_path)
