"""Keys in the data folder, and the tokens that they sign."""

import asyncio
import stat
import sys
from pathlib import Path
from time import time
from typing import Any

import jwt
import pytest

from libs.common import clock
from libs.common.errors import TokenInvalid
from libs.common.identity import Role, Verifier
from libs.common.ids import new_id
from libs.common.settings import CommonSettings
from services.auth.keys import secret, signing_keys
from services.auth.tokens import jwks, sign_access_token

SHOW = """
import sys; from pathlib import Path; from services.auth.keys import secret, signing_keys
folder = Path(sys.argv[1]); print(signing_keys(folder)[-1].id, secret(folder).hex())
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
    secret(tmp_path)
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert made == {"0001.pem": 0o600, "secret": 0o600}


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
    assert shown[0].decode().split() == [signing_keys(tmp_path)[-1].id, secret(tmp_path).hex()]


async def test_the_newest_key_signs_and_the_older_one_still_counts(tmp_path: Path) -> None:
    settings = common(tmp_path)
    before = signed(settings)
    signing_keys(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/keys/0001.pem").rename(tmp_path / "keys/0002.pem")
    after = signed(settings)
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids == [key["kid"] for key in jwks(settings)["keys"]]
    assert len(set(kids)) == 2
    check = verifier(settings)
    assert (await check.verify(before)).role is (await check.verify(after)).role is Role.CANDIDATE


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
