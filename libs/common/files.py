"""References to stored files, and the signed links by which clients get at them.

Rows and events hold a reference, `store:<key>`, or the address that somebody gave; it becomes a
link at the moment it is shown, to whom it is shown, and dies within the half hour.
"""

import base64
import hashlib
import hmac
import re
import secrets
from typing import overload
from uuid import UUID

from libs.common import clock
from libs.common.errors import wrong_field
from libs.common.secrets import derived
from libs.common.settings import CommonSettings
from libs.common.urls import web_url

STEP = 15 * 60
"""Seconds in which a file has the same link, so that caches work; a link lives one to two."""
PATH = "/api/v1/files/"
_STORED = "store:"
_CV = re.compile(r"cvs/[0-9a-f-]{36}/[0-9a-f]{32}\.(pdf|docx)")


def new_key(folder: str, account_id: UUID, ending: str) -> str:
    """Return a key that nobody guesses, under a folder of the account: `avatars/<id>/<…>.webp`."""
    return f"{folder}/{account_id}/{secrets.token_hex(16)}.{ending}"


def reference_to(key: str) -> str:
    """Return the reference to the object with this key."""
    return _STORED + key


def key_of(reference: str | None) -> str | None:
    """Return the key of a reference; None for any other address."""
    if reference is None or not reference.startswith(_STORED):
        return None
    return reference.removeprefix(_STORED)


@overload
def file_url(settings: CommonSettings, reference: str) -> str: ...
@overload
def file_url(settings: CommonSettings, reference: str | None) -> str | None: ...
def file_url(settings: CommonSettings, reference: str | None) -> str | None:
    """Return what a client may use: a signed link for a reference, any other address as it is.

    Whoever has the link has the file, until it expires: show it only to who may see the file.
    """
    key = key_of(reference)
    if key is None:
        return reference
    expires = str((int(clock.now().timestamp()) // STEP + 2) * STEP)
    signature = _signature(settings, key, expires)
    return f"{_base(settings)}{key}?expires={expires}&signature={signature}"


def cv_reference(settings: CommonSettings, url: str, owner: UUID) -> str:
    """Return the reference behind a link to a CV of `owner`, any other https address as it is.

    A client may send back what it was shown; kept as a link it would soon be dead.

    Args:
        settings: those of the installation.
        url: a `WebUrl`, that is, in its normal form.
        owner: the candidate's id.

    Raises:
        ValidationError: `cvUrl` is neither.
    """
    key = url.removeprefix(web_url(_base(settings))).partition("?")[0]
    if _CV.fullmatch(key) and key.startswith(f"cvs/{owner}/"):
        return reference_to(key)
    if url.startswith("https://"):
        return url
    raise wrong_field("cvUrl", "must begin with https://")


def seconds_left(settings: CommonSettings, key: str, expires: str, signature: str) -> int:
    """Return how long a link is good for; 0 where it has expired, or was never made by us.

    Args:
        settings: those of the installation.
        key, expires, signature: as they stand in the link, unchecked.
    """
    right = _signature(settings, key, expires)
    if not hmac.compare_digest(right.encode(), signature.encode()):
        return 0
    return max(0, int(expires) - int(clock.now().timestamp()))


def _base(settings: CommonSettings) -> str:
    public = settings.public_url or f"http://localhost:{settings.port}"
    return public.rstrip("/") + PATH


def _signature(settings: CommonSettings, key: str, expires: str) -> str:
    signed = f"{key}\n{expires}".encode()
    raw = hmac.digest(derived(settings, "files"), signed, hashlib.sha256)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
