"""Stores postings: raw as they were sent, and as they were read; a page in a few statements."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common import clock
from libs.common.contracts.ingestion import ExtractionRequested
from libs.common.ids import new_id
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from libs.common.text import fold
from services.ingestion.dedupe import fingerprint
from services.ingestion.sources.shape import Json, SourcePosting
from services.ingestion.tally import Tally

TOLD_AT_ONCE = 20
"""Postings whose renewal is asked for in one message; a worker takes many messages at once."""
_SEARCHED = {"search_keywords", "search_location"}
_CONTENT = [*SourcePosting.model_fields.keys() - _SEARCHED - {"source", "external_id"}]
_FOLLOWING = ("title_folded", "company_folded", "fingerprint", "content_hash", "updated_at")
_UPDATED = ", ".join([*sorted(_CONTENT), *sorted(_SEARCHED), *_FOLLOWING])
_THEIRS = ", ".join(f"found.{name}" for name in _UPDATED.split(", "))
_ALL = f"id, source, external_id, scraped_at, {_UPDATED}"

# By its address, else by the id that its source gave it: addresses change too.
_MATCH = text(
    """
    SELECT found.number, old.id, old.content_hash, old.fingerprint, raw.hash AS raw_hash
    FROM json_to_recordset(CAST(:rows AS json))
        AS found (number integer, url text, source text, external_id text)
    LEFT JOIN postings AS same_url ON same_url.url = found.url
    LEFT JOIN postings AS same_id ON same_url.id IS NULL
        AND same_id.source = found.source AND same_id.external_id = found.external_id
    JOIN postings AS old ON old.id = coalesce(same_url.id, same_id.id)
    LEFT JOIN raw_postings AS raw ON raw.posting_id = old.id
    ORDER BY same_url.id IS NULL, found.number
    """
)
# In one order everywhere, and all at once: whoever else changes postings cannot deadlock with us.
_LOCK = text(
    "SELECT id FROM postings WHERE id = ANY(:ids) OR fingerprint = ANY(:fingerprints)"
    " ORDER BY id FOR NO KEY UPDATE"
)
_INSERT = text(
    f"INSERT INTO postings ({_ALL}) SELECT {_ALL}"  # noqa: S608 - our own names
    " FROM json_populate_recordset(CAST(NULL AS postings), CAST(:rows AS json))"
)
_UPDATE = text(
    f"""
    UPDATE postings AS old SET extractor_version = NULL, duplicate_of = NULL,
        ({_UPDATED}) = ROW ({_THEIRS})
    FROM json_populate_recordset(CAST(NULL AS postings), CAST(:rows AS json)) AS found
    WHERE old.id = found.id
    """  # noqa: S608
)
_KEEP_RAW = text(
    """
    INSERT INTO raw_postings (posting_id, source, body, hash, received_at)
    SELECT posting_id, source, body, hash, :now
    FROM json_populate_recordset(CAST(NULL AS raw_postings), CAST(:rows AS json))
    ON CONFLICT (posting_id) DO UPDATE SET source = excluded.source, body = excluded.body,
        hash = excluded.hash, received_at = excluded.received_at
    """
)
# The newest counts: it is what the market asks for now.
_REGROUP = text(
    """
    WITH ranked AS (
        SELECT id, first_value(id) OVER (
            PARTITION BY fingerprint ORDER BY date_posted DESC NULLS LAST, url
        ) AS head
        FROM postings WHERE fingerprint = ANY(:fingerprints)
    )
    UPDATE postings SET duplicate_of = nullif(ranked.head, ranked.id)
    FROM ranked
    WHERE postings.id = ranked.id
        AND postings.duplicate_of IS DISTINCT FROM nullif(ranked.head, ranked.id)
    RETURNING postings.id
    """
)


@dataclass(frozen=True, slots=True)
class Found:
    """A posting of a page, as it was read and as it was sent."""

    posting: SourcePosting
    """With a title, a source, and the canonical URL."""
    raw: Json


async def save_postings(session: WriteSession, found: Sequence[Found], tally: Tally) -> None:
    """Write postings that are new or changed, and ask for what follows from them; count them.

    None shares its URL, or its source's id, with another of the same call.
    """
    rows = await asyncio.to_thread(_rows, found)
    old, doubles = await _known(session, rows)
    new = [row | {"id": str(new_id())} for row in rows if row["number"] not in old.keys() | doubles]
    changed = [
        row | {"id": str(old[row["number"]].id)}
        for row in rows
        if row["number"] in old and _hex(old[row["number"]].content_hash) != row["content_hash"]
    ]
    groups = await _lock_groups(session, new, changed, old)
    await _run(session, _INSERT, new)
    await _run(session, _UPDATE, changed)
    ids = {row["number"]: row["id"] for row in new} | {n: str(o.id) for n, o in old.items()}
    await _keep_raw(session, [(found[n], id_, old.get(n)) for n, id_ in ids.items()])
    regrouped = await regroup(session, groups)
    tally.new += len(new)
    tally.updated += len(changed)
    tally.unchanged += len(old) - len(changed)
    tally.skipped.update({"repeated": len(doubles)} if doubles else {})
    await ask_for_renewal(session, [UUID(row["id"]) for row in (*new, *changed)] + regrouped)


async def regroup(session: WriteSession, groups: Collection[bytes]) -> list[UUID]:
    """Link the near-copies of these groups to the newest of each; return whose link changed."""
    if not groups:
        return []
    return [*(await session.scalars(_REGROUP, {"fingerprints": [*groups]}))]


async def ask_for_renewal(session: WriteSession, posting_ids: Sequence[UUID]) -> None:
    """Have skills and numbers of these postings renewed by whoever is free."""
    ids = sorted(set(posting_ids))
    for i in range(0, len(ids), TOLD_AT_ONCE):
        part = tuple(ids[i : i + TOLD_AT_ONCE])
        publish(session, ExtractionRequested(batch_id=new_id(), posting_ids=part))


def _rows(found: Sequence[Found]) -> list[Json]:
    return [_row(number, each.posting) for number, each in enumerate(found)]


def _row(number: int, posting: SourcePosting) -> Json:
    told = posting.model_dump(mode="json")
    content = orjson.dumps({name: told[name] for name in sorted(_CONTENT)})
    title = fold(told["title"])
    company = fold(told["company"]) if told["company"] else None
    now = clock.now()
    return told | {
        "number": number,
        "title_folded": title,
        "company_folded": company,
        "content_hash": _hex(sha256(content).digest()),
        "fingerprint": _hex(fingerprint(title, company, told["description"])),
        "scraped_at": now,
        "updated_at": now,
    }


def _hex(value: bytes | None) -> str | None:
    """Write bytes as PostgreSQL reads them."""
    return None if value is None else f"\\x{value.hex()}"


async def _known(
    session: WriteSession, rows: Sequence[Json]
) -> tuple[dict[int, Any], frozenset[int]]:
    """Return what is stored of the rows, and which rows are of one that another row is nearer to.

    Both by the rows' numbers.
    """
    names = ("number", "url", "source", "external_id")
    keys = [{name: row[name] for name in names} for row in rows]
    matched = (await session.execute(_MATCH, {"rows": _json(keys)})).all()
    nearest = {row.id: row.number for row in reversed(matched)}
    old = {row.number: row for row in matched if nearest[row.id] == row.number}
    return old, frozenset(row.number for row in matched) - old.keys()


async def _lock_groups(
    session: WriteSession, new: Sequence[Json], changed: Sequence[Json], old: Mapping[int, Any]
) -> set[bytes]:
    """Lock all rows that may change; return the groups that may."""
    told = {row["fingerprint"] for row in (*new, *changed)} - {None}
    groups = {bytes.fromhex(each[2:]) for each in told}
    groups |= {old[row["number"]].fingerprint for row in changed} - {None}
    ids = [UUID(row["id"]) for row in changed]
    if ids or groups:
        await session.execute(_LOCK, {"ids": ids, "fingerprints": [*groups]})
    return groups


async def _keep_raw(session: WriteSession, kept: Sequence[tuple[Found, str, Any]]) -> None:
    """Keep the bodies that are not as they were."""
    rows: list[Json] = []
    for found, posting_id, old in kept:
        body = orjson.dumps(found.raw, option=orjson.OPT_SORT_KEYS)
        digest = sha256(body).digest()
        if old is None or old.raw_hash != digest:
            facts = {"posting_id": posting_id, "source": found.posting.source}
            rows.append(facts | {"hash": _hex(digest), "body": orjson.Fragment(body)})
    await _run(session, _KEEP_RAW, rows, now=clock.now())


async def _run(session: WriteSession, statement: Any, rows: Sequence[Json], **values: Any) -> None:
    if rows:
        await session.execute(statement, {"rows": _json(rows), **values})


def _json(rows: Sequence[Json]) -> str:
    return orjson.dumps(rows).decode()
