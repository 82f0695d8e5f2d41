"""Writes occupations: each in one transaction, and of it only the parts that differ.

Two hashes spare the work. `careers.content_hash` is of all that an occupation is mapped from, and
of the mapping itself: as long as it is the same, the occupation is not even mapped. The hashes in
`careers.part_hashes` are of what is stored of each part.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, IntegrityError

from libs.common import clock
from libs.common.sessions import WriteSession
from services.careers.etl.content import PARTS, Content, content_of, fingerprint
from services.careers.etl.mapping import Staged, dossier_of
from services.careers.etl.page import stamped
from services.careers.etl.progress import Advance, Steps
from services.careers.etl.report import Report
from services.careers.etl.shape import Mode, Source
from services.careers.etl.staging import Transaction
from services.careers.kept_pages import CHANNEL
from services.careers.models import metadata
from services.careers.titles import words_of

TABLES = ("careers", *(f"career_{part}" for part in PARTS), "career_pages")

_AT_ONCE = 3
"""Occupations under way: while PostgreSQL writes one, another is mapped."""
_CHUNK = 24
"""Occupations whose raw sections are read at a time."""

_STATE = text(
    """
    SELECT onet_code, staged.digest, careers.content_hash, coalesce(part_hashes, '{}') AS hashes
    FROM (
        SELECT onet_code, sha256(string_agg(
            convert_to(source || '/' || section || '/', 'UTF8') || content_hash, ''
            ORDER BY source, section)) AS digest
        FROM etl_raw WHERE onet_code = ANY(:codes) GROUP BY onet_code
    ) AS staged LEFT JOIN careers USING (onet_code)
    ORDER BY onet_code
    """
)
_COUNT = text(
    " UNION ALL ".join(
        f"SELECT '{table}', count(*), count(DISTINCT onet_code) FROM {table}"  # noqa: S608 - ours
        " WHERE onet_code = ANY(:codes)"
        for table in TABLES
    )
)
_RAW = text(
    "SELECT onet_code, source, section, format, release, body FROM etl_raw"
    " WHERE onet_code = ANY(:codes)"
)
_SAME = text("UPDATE careers SET content_hash = :digest WHERE onet_code = :onet_code")
_CAREER = """
    INSERT INTO careers (onet_code, title_en, short_title_en, short_desc_en, title_folded, source,
                         source_version, content_hash, part_hashes, loaded_at)
    VALUES (:onet_code, :title_en, :short_title_en, :short_desc_en, :title_folded, :source,
            :source_version, :digest, CAST(:hashes AS jsonb), :loaded_at)
    ON CONFLICT (onet_code) DO UPDATE
    SET title_en = excluded.title_en, short_title_en = excluded.short_title_en,
        short_desc_en = excluded.short_desc_en, title_folded = excluded.title_folded,
        source = excluded.source, source_version = excluded.source_version,
        content_hash = excluded.content_hash, part_hashes = excluded.part_hashes,
        loaded_at = excluded.loaded_at
"""
_PAGE = """
    INSERT INTO career_pages (onet_code, page, etag) VALUES (:onet_code, :page, :etag)
    ON CONFLICT (onet_code) DO UPDATE SET page = excluded.page, etag = excluded.etag
"""


@dataclass(frozen=True)
class _Due:
    """An occupation that is not stored as its sources and the mapping have it now."""

    onet_code: str
    digest: bytes
    hashes: dict[str, str]
    """Part -> hash of what is stored of it."""


async def load(
    begin: Transaction, mode: Mode, codes: Sequence[str], report: Report, steps: Steps
) -> None:
    """Map and write the occupations `codes` out of what is staged of them; count in `report`.

    Those that cannot be mapped or written are reported, and stay as they were.
    """
    async with begin() as session:
        due = await _due(session, mode, codes, report)
    chunks = iter([due[at : at + _CHUNK] for at in range(0, len(due), _CHUNK)])

    async def work(advance: Advance) -> None:
        for chunk in chunks:
            async with begin() as session:
                staged = await _staged(session, [one.onet_code for one in chunk])
            for one in chunk:
                await _load_one(begin, mode, one, staged[one.onet_code], report)
                advance()

    with steps("loaded", len(due)) as advance:
        workers = [asyncio.create_task(work(advance)) for _ in range(_AT_ONCE)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


async def _due(
    session: WriteSession, mode: Mode, codes: Sequence[str], report: Report
) -> list[_Due]:
    """Return the occupations that are to be mapped; count the others as they are."""
    due, same, mapping = list[_Due](), list[str](), fingerprint() + mode.encode()
    for row in (await session.execute(_STATE, {"codes": list(codes)})).mappings():
        digest = sha256(mapping + row["digest"]).digest()
        if digest == row["content_hash"]:
            same.append(row["onet_code"])
        else:
            due.append(_Due(row["onet_code"], digest, row["hashes"]))
    for table, rows, occupations in (await session.execute(_COUNT, {"codes": same})).all():
        report.kept(table, rows)
        report.tables[table].absent += len(same) - occupations
    return due


async def _staged(session: WriteSession, codes: Sequence[str]) -> dict[str, dict[Source, Staged]]:
    """Read what each source says of some occupations."""
    found: dict[str, dict[Source, Staged]] = {code: {} for code in codes}
    for row in (await session.execute(_RAW, {"codes": list(codes)})).mappings():
        sources = found[row["onet_code"]]
        staged = sources.get(Source(row["source"]))
        sections = {} if staged is None else staged.sections
        sections = {**sections, row["section"]: orjson.loads(row["body"])}
        sources[Source(row["source"])] = Staged(row["format"], row["release"], sections)
    return found


async def _load_one(
    begin: Transaction, mode: Mode, due: _Due, staged: dict[Source, Staged], report: Report
) -> None:
    try:
        content = content_of(dossier_of(due.onet_code, mode, staged))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        report.fail("careers", f"{due.onet_code} cannot be mapped: {error!r}")
        return
    parts = content.hashes.keys() | due.hashes.keys()
    changed = {part for part in parts if content.hashes.get(part) != due.hashes.get(part)}
    try:
        async with begin() as session:
            await _write(session, due, content, changed)
    except (DataError, IntegrityError) as error:
        report.fail("careers", f"{due.onet_code} cannot be written: {error.orig}")
    else:
        _count(report, content, changed)


async def _write(session: WriteSession, due: _Due, content: Content, changed: set[str]) -> None:
    if not changed:
        await session.execute(_SAME, {"onet_code": due.onet_code, "digest": due.digest})
        return
    gone = [part for part in PARTS if part in changed and part in due.hashes]
    if gone:
        await session.execute(_deleting(tuple(gone)), {"onet_code": due.onet_code})
    new = [part for part in PARTS if part in changed and part in content.rows]
    loaded_at = clock.now()
    page = stamped(content.page, loaded_at)
    values = {
        "onet_code": due.onet_code,
        **asdict(content.header),
        "title_folded": " ".join(words_of(content.header.title_en or "")),
        "digest": due.digest,
        "hashes": orjson.dumps(content.hashes).decode(),
        "loaded_at": loaded_at,
        "page": page.decode(),
        "etag": sha256(page).hexdigest()[:32],
        **{part: content.rows[part].decode() for part in new},
    }
    await session.execute(_writing(tuple(new)), values)


def _count(report: Report, content: Content, changed: set[str]) -> None:
    counts = {f"career_{part}": (part, rows) for part, rows in content.counts.items()}
    counts |= {"careers": ("header", 1), "career_pages": ("page", 1)}
    for table, (part, rows) in counts.items():
        (report.wrote if part in changed else report.kept)(table, rows)
        report.tables[table].absent += not rows


@cache
def _deleting(parts: tuple[str, ...]) -> TextClause:
    """Return the statement that takes parts of an occupation away."""
    return _together(
        (f"DELETE FROM career_{part} WHERE onet_code = :onet_code" for part in parts),  # noqa: S608
        "SELECT",
    )


@cache
def _writing(parts: tuple[str, ...]) -> TextClause:
    """Return the statement that writes an occupation, its page and parts of it.

    What a crash of PostgreSQL may lose of the last commits, the next run finds missing and writes
    again: so commits need not wait for the disk.
    """
    inserts = [_CAREER, _PAGE, *(_inserting(part) for part in parts)]
    at_commit = f"set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')"
    return _together(inserts, f"SELECT {at_commit}")


def _together(statements: Iterable[str], last: str) -> TextClause:
    """Put statements into one: a single round trip."""
    ctes = ", ".join(f"_{number} AS ({one})" for number, one in enumerate(statements))
    return text(f"WITH {ctes} {last}")


def _inserting(part: str) -> str:
    table = metadata.tables[f"careers.career_{part}"]
    columns = [column for column in table.columns if column.name not in {"onet_code", "rank"}]
    names = ", ".join(column.name for column in columns)
    typed = ", ".join(f"{column.name} {_type(column.type)}" for column in columns)
    into, rank = (", rank", "rank, ") if "rank" in table.columns else ("", "")
    return (
        f"INSERT INTO career_{part} (onet_code{into}, {names}) SELECT :onet_code, {rank}{names}"  # noqa: S608 - names of ours
        f" FROM ROWS FROM (json_to_recordset(CAST(:{part} AS json)) AS ({typed}))"
        f" WITH ORDINALITY AS listed ({names}, rank)"
    )


def _type(kind: Any) -> str:
    return str(kind.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
