"""The object store: files under keys, in a local folder or an S3-compatible bucket.

All work is done by obstore's own threads, so nothing here holds up the event loop.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import httpx
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from libs.common.errors import NotFound, ServiceUnavailable

log = logging.getLogger(__name__)

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LONGEST_KEY = 512  # characters; S3 allows 1024 bytes, its prefix included
CHUNK = 256 * 1024  # bytes
BATCH = 1000  # objects; S3 deletes as many at once


class ObjectNotFound(NotFound):
    """404: no object has this key."""


class StoreRefused(Exception):
    """The store is there, and does not do what a start needs."""


class Store:
    """Objects under keys such as `resumes/0197c3….pdf`; made by `open_store`.

    A key is made by us, never by a client: segments of ASCII letters, digits and `._-`, joined by
    slashes, none beginning with a dot, 512 characters at most. Every method raises `ValueError`
    for any other, `ServiceUnavailable` where the store does not answer.
    """

    def __init__(self, backend: LocalStore | S3Store) -> None:
        self.backend = backend

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Stores ``data`` whole or not at all, over what was there.

        ``content_type`` is for who reads the bucket by other ways; a folder does not keep it.
        """
        attributes = None
        if isinstance(self.backend, S3Store):
            attributes = {"Content-Type": content_type}
        with _in_our_words():
            await obstore.put_async(self.backend, _checked(key), data, attributes=attributes)

    async def get(self, key: str) -> bytes:
        """The object's bytes; `ObjectNotFound`."""
        return b"".join([chunk async for chunk in await self.stream(key)])

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object's bytes in pieces; `ObjectNotFound` before the first is asked for."""
        with _in_our_words():
            found = await obstore.get_async(self.backend, _checked(key))
        return (bytes(chunk) async for chunk in found.stream(CHUNK))

    async def size(self, key: str) -> int:
        """The object's length in bytes; `ObjectNotFound`."""
        with _in_our_words():
            return (await obstore.head_async(self.backend, _checked(key)))["size"]

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is as good as removed."""
        with suppress(ObjectNotFound), _in_our_words():
            await obstore.delete_async(self.backend, _checked(key))

    async def delete_all(self, folder: str) -> None:
        """Removes every object whose key begins with ``folder``, which ends in a slash."""
        if not folder.endswith("/"):
            raise ValueError(f"not a folder of keys: {folder[:80]!r}")
        prefix = _checked(folder.removesuffix("/"))
        with _in_our_words():
            async for found in obstore.list(self.backend, prefix, chunk_size=BATCH):
                await obstore.delete_async(self.backend, [one["path"] for one in found])


async def make_bucket(store: Store) -> None:
    """Make the bucket of `store` where it is missing; a folder is there already.

    Raises:
        ServiceUnavailable: the store does not answer.
        StoreRefused: the bucket is not there to be used, and is not made for this access key.
    """
    backend = store.backend
    if not isinstance(backend, S3Store):
        return
    bucket = S3Store(config=backend.config, client_options=backend.client_options)
    # obstore knows no buckets: their own address, signed, is S3's HeadBucket and CreateBucket.
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.head(await _signed(bucket, "HEAD"))
            if answer.status_code == 404:
                answer = await client.put(await _signed(bucket, "PUT"))
    except httpx.TransportError as error:
        raise ServiceUnavailable({"service": "storage"}) from error
    if answer.status_code not in {200, 409}:  # 409: another has just made it
        raise StoreRefused(f"refuses the bucket: HTTP {answer.status_code}")


async def _signed(bucket: S3Store, method: Literal["HEAD", "PUT"]) -> str:
    return await obstore.sign_async(bucket, method, "", timedelta(minutes=1))


def open_store(
    url: str,
    *,
    endpoint: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str = "us-east-1",
) -> Store:
    """The store at ``url``: a folder (`/var/files`, `file:///var/files`; made if it is missing)
    or a bucket that exists (`s3://bucket/prefix`).

    ``endpoint`` is the URL of an S3 that is not Amazon's. Keys left out are looked for where
    Amazon's tools look (environment, instance role). `ValueError` for another kind of URL.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        folder = Path(unquote(parts.path) if parts.scheme else url)
        return Store(LocalStore(folder.resolve(), mkdir=True, automatic_cleanup=True))
    if parts.scheme != "s3":
        raise ValueError(f"no object store for {parts.scheme}://: give a folder or s3://bucket")
    given = {"endpoint": endpoint, "access_key_id": access_key, "secret_access_key": secret_key}
    options: dict[str, Any] = {name: value for name, value in given.items() if value}
    return Store(
        S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=region,
            client_options={"allow_http": (endpoint or "").startswith("http://")},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
            **options,
        )
    )


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectNotFound from error
    except BaseError as error:
        log.warning("the object store is away: %s", error)
        raise ServiceUnavailable({"service": "storage"}) from error


def _checked(key: str) -> str:
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key[:80]!r}")
    return key
