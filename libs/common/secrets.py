"""Secrets of the installation: made at random on first use, readable by their owner only.

Safe when several processes start at once: each writes a draft, the first link to the real name
wins, and all read what stands there.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from libs.common.settings import CommonSettings


def made_once(file: Path, make: Callable[[], bytes]) -> bytes:
    """Return what stands in `file`; where there is none, it is made and stays."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".") as draft:  # of mode 0600
            draft.write(make())
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                os.link(draft.name, file)
    return file.read_bytes()


def derived(settings: CommonSettings, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose, the same in all services (HKDF, RFC 5869).

    It comes from `SECRET_KEY`, else from `DATA_DIR/keys/secret`, and tells nothing of either nor of
    the key of another purpose.
    """
    if settings.secret_key is not None:
        return _derived(settings.secret_key.get_secret_value().encode(), purpose)
    return _derived(_own(settings.data_dir), purpose)


@cache
def _own(data_dir: Path) -> bytes:
    return made_once(data_dir / "keys" / "secret", lambda: secrets.token_bytes(32))


@cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"waymark {purpose}".encode()).derive(secret)
