"""Keeps what sources said, as they said it, in `etl_raw`: the mapping can be changed without them.

What is there already is told by its hash and not written again.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from libs.common import clock
from libs.common.sessions import WriteSession
from services.careers.etl.shape import Format, Source
from services.careers.models import EtlRaw

Transaction = Callable[[], AbstractAsyncContextManager[WriteSession]]
"""Opens a transaction that is committed at the end of the block: `db.write`, but in a dry run."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source says of an occupation under one heading."""

    onet_code: str
    section: str
    body: bytes
    """JSON: of the web services the answer's own bytes, of a table `{"columns", "rows"}`."""
    format: Format
    release: str
    """The data's version, such as `30.1`."""

    @property
    def content_hash(self) -> bytes:
        """SHA-256 of all but where it belongs."""
        return sha256(
            b"%b\0%b\0%b" % (self.format.encode(), self.release.encode(), self.body)
        ).digest()


async def stage(
    session: WriteSession, source: Source, codes: Sequence[str], raws: Iterable[Raw]
) -> int:
    """Make `raws` all that `source` is known to say of the occupations `codes`.

    Sections that are stored and not among `raws` go: the source has no data there (any more).

    Returns:
        How many sections were new, different or gone.
    """
    mine = (col(EtlRaw.source) == source, col(EtlRaw.onet_code).in_(codes))
    columns = (EtlRaw.onet_code, EtlRaw.section, EtlRaw.content_hash)
    known = {
        (code, section): digest
        for code, section, digest in await session.exec(select(*columns).where(*mine))
    }
    rows = []
    for raw in raws:
        digest = raw.content_hash
        if known.pop((raw.onet_code, raw.section), None) != digest:
            rows.append(_row(source, raw, digest))
    if rows:
        new = insert(EtlRaw)
        changed = {name: new.excluded[name] for name in _CONTENT}
        await session.execute(new.on_conflict_do_update(index_elements=_KEY, set_=changed), rows)
    if known:
        place = tuple_(col(EtlRaw.onet_code), col(EtlRaw.section))
        await session.execute(delete(EtlRaw).where(mine[0], place.in_(list(known))))
    return len(rows) + len(known)


_KEY = ("onet_code", "source", "section")
_CONTENT = ("format", "release", "body", "content_hash", "fetched_at")


def _row(source: Source, raw: Raw, digest: bytes) -> dict[str, object]:
    return {
        "onet_code": raw.onet_code,
        "source": source,
        "section": raw.section,
        "format": raw.format,
        "release": raw.release,
        "body": raw.body,
        "content_hash": digest,
        "fetched_at": clock.now(),
    }
