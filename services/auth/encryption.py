"""Numbers of identity documents, encrypted at rest: AES-256-GCM (NIST SP 800-38D).

What is sealed for one account opens for no other: its id is authenticated with the text. To rotate,
put a new key in front of `ENCRYPTION_KEYS`; what is written from then on is under it, and the old
keys go on opening what they sealed for as long as they stand there: `waymark admin reseal` ends it.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.common.secrets import made_once
from services.auth.errors import Unreadable
from services.auth.settings import settings

log = logging.getLogger(__name__)

_NONCE = 12
"""Bytes, at random: one key may seal 2^32 texts."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text that only this service can read, and the name of the key that opens it."""

    text: bytes
    key_id: str


def seal(data_dir: Path, account_id: UUID, text: str) -> Sealed:
    """Encrypt what an account's owner told, under the newest key."""
    key_id, key = next(iter(_keys(data_dir).items()))
    nonce = secrets.token_bytes(_NONCE)
    return Sealed(nonce + AESGCM(key).encrypt(nonce, text.encode(), account_id.bytes), key_id)


def unseal(data_dir: Path, account_id: UUID, sealed: Sealed) -> str:
    """Decrypt what was sealed for this account.

    Raises:
        Unreadable: its key is no longer in `ENCRYPTION_KEYS`; or it was sealed for another account,
            or changed.
    """
    nonce, text = sealed.text[:_NONCE], sealed.text[_NONCE:]
    try:
        key = _keys(data_dir)[sealed.key_id]
        return AESGCM(key).decrypt(nonce, text, account_id.bytes).decode()
    except (KeyError, InvalidTag) as error:
        log.exception("the identity number of account %s cannot be opened", account_id)
        raise Unreadable from error


def known_key_ids(data_dir: Path) -> list[str]:
    """Return the ids of the keys that are there, the newest first; none is made."""
    return list(_keys(data_dir, make=False))


def _keys(data_dir: Path, *, make: bool = True) -> dict[str, bytes]:
    """Return every key by its id, the newest first; the one in a file is the oldest."""
    file = data_dir / "keys" / "encryption"
    keys = [key.get_secret_value() for key in settings().encryption_keys]
    if file.exists() or (make and not keys):
        keys = [*keys, _own(file)]
    return {hashlib.sha256(b"id of " + key).hexdigest()[:16]: key for key in keys}


@cache
def _own(file: Path) -> bytes:
    return made_once(file, lambda: secrets.token_bytes(32))
