"""Writes what a source yields, and only what differs from what is there."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice

from sqlalchemy import text

from libs.common import clock
from libs.common.db import WriteSession
from libs.common.text import fold
from services.careers.etl.mapping import Occupation, occupation_of
from services.careers.etl.report import TableReport
from services.careers.etl.sources import BadRow, Row
from services.careers.rules import ONET_DATABASE

BATCH = 1000

# A row that is as it was is left out before the insert: an upsert would lock and so rewrite it.
_UPSERT = text(
    """
    INSERT INTO careers AS old (onet_code, title_en, short_desc_en, title_folded, content_hash,
                                source, source_version, loaded_at)
    SELECT new.*, :source, :source_version, :loaded_at
    FROM unnest(CAST(:onet_code AS text[]), CAST(:title_en AS text[]),
                CAST(:short_desc_en AS text[]), CAST(:title_folded AS text[]),
                CAST(:content_hash AS bytea[]))
      AS new (onet_code, title_en, short_desc_en, title_folded, content_hash)
    WHERE NOT EXISTS (SELECT FROM careers AS same WHERE same.onet_code = new.onet_code
                      AND same.content_hash = new.content_hash)
    ORDER BY new.onet_code
    ON CONFLICT (onet_code) DO UPDATE
    SET title_en = excluded.title_en, short_desc_en = excluded.short_desc_en,
        title_folded = excluded.title_folded, content_hash = excluded.content_hash,
        source = excluded.source, source_version = excluded.source_version,
        loaded_at = excluded.loaded_at
    WHERE old.content_hash <> excluded.content_hash
    RETURNING old.onet_code
    """
)


async def load_careers(
    session: WriteSession, rows: Iterable[Row | BadRow], version: str
) -> TableReport:
    """Write the occupations of an O*NET database release in batches, all in this transaction.

    Occupations that the release no longer has stay.
    """
    report = TableReport("careers")
    usable = _usable(rows, report)
    while batch := list(islice(usable, BATCH)):
        written = await _save(session, batch, version)
        report.written += written
        report.unchanged += len(batch) - written
    return report


def _usable(rows: Iterable[Row | BadRow], report: TableReport) -> Iterator[Occupation]:
    """Yield what can be written; count each row, and report those that are bad."""
    codes = set[str]()
    for row in rows:
        report.read += 1
        occupation = row if isinstance(row, BadRow) else occupation_of(row)
        if isinstance(occupation, BadRow):
            report.fail(occupation)
        elif occupation.onet_code in codes:
            report.fail(BadRow(row.line, f"repeats {occupation.onet_code}"))
        else:
            codes.add(occupation.onet_code)
            yield occupation


async def _save(session: WriteSession, occupations: list[Occupation], version: str) -> int:
    """Write a batch; return how many rows were new or different."""
    columns = {
        "onet_code": [one.onet_code for one in occupations],
        "title_en": [one.title_en for one in occupations],
        "short_desc_en": [one.short_desc_en for one in occupations],
        "title_folded": [fold(one.title_en) for one in occupations],
        "content_hash": [_hash(one, version) for one in occupations],
    }
    loaded = {"source": ONET_DATABASE, "source_version": version, "loaded_at": clock.now()}
    return len((await session.execute(_UPSERT, columns | loaded)).all())


def _hash(occupation: Occupation, version: str) -> bytes:
    return sha256(f"{ONET_DATABASE}\0{version}\0{occupation.model_dump_json()}".encode()).digest()
