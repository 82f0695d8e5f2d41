"""The keys in `<DATA_DIR>/keys/` that sign access tokens: how they come, take over, and go.

They are `*.pem` files in the order of their names, the newest last. Each is public from the start,
signs `PAUSE` later, and goes some time after the next one has taken over: no token is ever signed
with a key that a verifier cannot have, or left without its key.
"""

import base64
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.common import clock
from libs.common.secrets import made_once

PAUSE = timedelta(minutes=2)
"""From the making of a key until it signs. Verifiers ask for a key they do not know, but not more
often than every 5 seconds, and what is between may keep the answer for one minute."""
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key and its public half as a JWK (RFC 8037)."""

    id: str
    """The JWK thumbprint (RFC 7638): another key never has it."""
    private: Ed25519PrivateKey
    jwk: dict[str, str]
    file: Path
    made_at: datetime


def are_in(data_dir: Path) -> bool:
    """Return whether there is a key already."""
    return any((data_dir / "keys").glob("*.pem"))


def signing_keys(data_dir: Path) -> list[SigningKey]:
    """Return every key, the newest last; the first is made where there is none."""
    folder = data_dir / "keys"
    if not are_in(data_dir):
        made_once(folder / "0001.pem", _new_pem)
    keys = []
    for file in sorted(folder.glob("*.pem")):
        with suppress(FileNotFoundError):  # removed this moment
            keys.append(_load(file, file.stat().st_mtime_ns))
    return keys


def signing_key(data_dir: Path) -> SigningKey:
    """Return the key that signs now: the newest that has been public for `PAUSE`, else the oldest.

    Where there was none before, no verifier can miss it: the first key signs at once.
    """
    keys, known = signing_keys(data_dir), clock.now() - PAUSE
    return next((key for key in reversed(keys) if key.made_at <= known), keys[0])


def rotate(data_dir: Path, token_life: timedelta) -> tuple[SigningKey, list[SigningKey]]:
    """Make a key that will sign; remove those whose last token is over.

    Args:
        data_dir: where `keys/` is.
        token_life: how long an access token is good for.

    Returns:
        The new key, and those that are gone.
    """
    keys = signing_keys(data_dir)
    signing, removed = signing_key(data_dir), []
    for old, successor in pairwise(keys):
        if old is signing or clock.now() < successor.made_at + PAUSE + token_life + _SKEW:
            break
        old.file.unlink(missing_ok=True)
        removed.append(old)
    number = int(keys[-1].file.stem) + 1
    file = keys[-1].file.with_name(f"{number:04}.pem")
    made_once(file, _new_pem)
    return _load(file, file.stat().st_mtime_ns), removed


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@cache
def _load(file: Path, changed: int) -> SigningKey:
    private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError(f"{file} is not an Ed25519 key")
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64(private.public_key().public_bytes_raw())}
    thumbprint = _base64(hashlib.sha256(orjson.dumps(jwk)).digest())
    shown = jwk | {"kid": thumbprint, "alg": "EdDSA", "use": "sig"}
    made_at = datetime.fromtimestamp(changed / 1e9, UTC)
    return SigningKey(thumbprint, private, shown, file, made_at)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
