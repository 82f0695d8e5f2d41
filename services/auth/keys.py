"""Secrets in `<DATA_DIR>/keys/`: made at random on first use, readable by their owner only.

Safe when several processes start at once: each writes a draft, the first link to the real name
wins, and all read what stands there.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key and its public half as a JWK (RFC 8037)."""

    id: str
    """The JWK thumbprint (RFC 7638): another key never has it."""
    private: Ed25519PrivateKey
    jwk: dict[str, str]


def signing_keys(data_dir: Path) -> list[SigningKey]:
    """Return every key in the folder, the newest, which signs, last.

    They are `*.pem` files in the order of their names; `0001.pem` is made where there is none. To
    rotate, put a file with a later name beside it, and remove the older one once its last access
    token is over.
    """
    folder = data_dir / "keys"
    if not any(folder.glob("*.pem")):
        _made_once(folder / "0001.pem", _new_pem)
    return [_load(file, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.pem"))]


@cache
def secret(data_dir: Path) -> bytes:
    """Return the service's own secret, 32 bytes, that is not in the database."""
    return _made_once(data_dir / "keys" / "secret", lambda: secrets.token_bytes(32))


def _made_once(file: Path, make: Callable[[], bytes]) -> bytes:
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".") as draft:  # of mode 0600
            draft.write(make())
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                os.link(draft.name, file)
    return file.read_bytes()


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@cache
def _load(file: Path, _changed: int) -> SigningKey:
    private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError(f"{file} is not an Ed25519 key")
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64(private.public_key().public_bytes_raw())}
    thumbprint = _base64(hashlib.sha256(orjson.dumps(jwk)).digest())
    return SigningKey(thumbprint, private, jwk | {"kid": thumbprint, "alg": "EdDSA", "use": "sig"})


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
