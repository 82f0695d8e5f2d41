"""Stored files: how they come into the store, how they leave it, and how they are shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from libs.common.db import Database
from libs.common.events import Event, event
from libs.common.files import key_of
from libs.common.messaging import consumes, enqueue
from libs.common.service import Runtime, runtime_in
from libs.common.sessions import WriteSession
from libs.common.storage import Store
from services.auth.documents import TYPES
from services.auth.models import StoredCv

CONTENT_TYPES = {"webp": "image/webp", **TYPES}


@event("file.discarded", subject="key")
class FileDiscarded(Event):
    """No row refers to a file any more. Private to this service: it never meets a broker."""

    key: str


@consumes(FileDiscarded, outside=True)
async def delete_file(session: WriteSession, discarded: FileDiscarded) -> None:
    """Delete the file; a store that is away is asked again later."""
    await runtime_in(session).store.delete(discarded.key)


def discard(session: WriteSession, reference: str | None) -> None:
    """Have what a reference stands for deleted, if and when this transaction commits."""
    key = key_of(reference)
    if key is not None:
        enqueue(session, delete_file, FileDiscarded(key=key))


@asynccontextmanager
async def stored(store: Store, key: str, data: bytes) -> AsyncIterator[None]:
    """Put a file into the store, for a block that refers to it; where the block fails, it goes."""
    await store.put(key, data, _content_type(key))
    try:
        yield
    except BaseException:
        await store.delete(key)
        raise


async def answer(running: Runtime, key: str, seconds: int) -> StreamingResponse:
    """Return the file, for caches to keep for so many seconds; nothing in it is executed.

    A CV bears the name that its owner gave it (RFC 6266, RFC 8187).

    Raises:
        ObjectNotFound: it is gone.
    """
    content_type = _content_type(key)
    headers = {
        "Content-Length": str(await running.store.size(key)),
        "Content-Disposition": await _disposition(running.db, key),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": f"private, max-age={seconds}",
    }
    return StreamingResponse(
        await running.store.stream(key), media_type=content_type, headers=headers
    )


async def _disposition(db: Database, key: str) -> str:
    plain = f'filename="{key.rpartition("/")[2]}"'
    if _content_type(key).startswith("image/"):
        return f"inline; {plain}"
    async with db.read() as session:
        cv = await session.get(StoredCv, key)
    return f"attachment; {plain}" + (f"; filename*=UTF-8''{quote(cv.name, safe='')}" if cv else "")


def _content_type(key: str) -> str:
    return CONTENT_TYPES[key.rpartition(".")[2]]
