"""Keeps the market's numbers: what postings count is added and subtracted as they come and go."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.contracts.ingestion import MarketRefreshed
from libs.common.ids import new_id
from libs.common.messaging import publish
from libs.common.sessions import WriteSession, write_last
from services.ingestion.market.facts import Facts, PostingRow, counted, facts_of
from services.ingestion.market.windows import SPANS

_READ = ", ".join(["id", *PostingRow.__annotations__])
_FACTS = [field.name for field in fields(Facts)]
_UPDATED = ", ".join(f"{name} = excluded.{name}" for name in _FACTS)

# Whoever holds a posting's row, or of one that is gone that of its facts, alone changes what is
# counted of it. By id: with extraction, which locks the same rows, there is one order.
_LOCK = text(
    f"SELECT {_READ} FROM postings WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
)
_COUNTED = text(
    f"SELECT posting_id, {', '.join(_FACTS)} FROM market_facts"  # noqa: S608 - our own names
    " WHERE posting_id = ANY(:ids) ORDER BY posting_id FOR UPDATE"
)
_FORGET = (
    text(
        """
        DELETE FROM role_postings USING json_to_recordset(CAST(:rows AS json))
            AS old (posting_id uuid, day date, roles json)
        WHERE role_postings.posting_id = old.posting_id AND role_postings.day = old.day
            AND role IN (SELECT json_array_elements_text(old.roles))
        """
    ),
    text(
        """
        DELETE FROM market_facts USING json_to_recordset(CAST(:rows AS json))
            AS old (posting_id uuid)
        WHERE market_facts.posting_id = old.posting_id
        """
    ),
)
_KEEP = (
    text(
        """
        INSERT INTO market_facts SELECT *
        FROM json_populate_recordset(CAST(NULL AS market_facts), CAST(:rows AS json))
        """
    ),
    text(
        """
        INSERT INTO role_postings (role, day, posting_id)
        SELECT unnest(roles), day, posting_id
        FROM json_populate_recordset(CAST(NULL AS market_facts), CAST(:rows AS json))
        """
    ),
)
# Once a transaction, right before its end, and in one order: two of them cannot deadlock. The
# instant is renewed last; by it caches know that they are old.
_ADD = f"""
    WITH told AS (
        INSERT INTO market_state (id, refreshed_at) VALUES (1, clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET refreshed_at = excluded.refreshed_at
    )
    INSERT INTO rollups (kind, span, bucket, key, count)
    SELECT kind, span, number / span, key, sum(change)
    FROM json_to_recordset(CAST(:rows AS json))
            AS change (kind text, key text, number integer, change integer),
        unnest(ARRAY[{", ".join(map(str, SPANS))}]) AS span
    GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (kind, span, bucket, key) DO UPDATE SET count = rollups.count + excluded.count
    """  # noqa: S608


async def refresh_market(session: WriteSession, posting_ids: Sequence[UUID]) -> None:
    """Count these postings as they are now, in place of what was counted of them before.

    Those that are gone, and near-copies, count nothing. Done twice, it changes nothing more.
    Publishes `market.refreshed` where anything changed.
    """
    ids = {"ids": [*posting_ids]}
    postings = (await session.execute(_LOCK, ids)).all()
    rows = (await session.execute(_COUNTED, ids)).all()
    old = {row.posting_id: Facts(*row[1:]) for row in rows}
    new = await asyncio.to_thread(_facts, postings)
    changed = [id_ for id_ in sorted({*old, *new}) if old.get(id_) != new.get(id_)]
    if not changed:
        return
    forgotten = {id_: old[id_] for id_ in changed if id_ in old}
    kept = {id_: new[id_] for id_ in changed if id_ in new}
    await _run(session, _FORGET, forgotten)
    await _run(session, _KEEP, kept)
    _add(session, kept, forgotten)
    publish(session, MarketRefreshed(refresh_id=new_id(), postings=len(changed)))


def _facts(postings: Sequence[Any]) -> dict[UUID, Facts]:
    found = ((posting.id, facts_of(posting)) for posting in postings)
    return {id_: facts for id_, facts in found if facts is not None}


async def _run(
    session: WriteSession, statements: Sequence[Any], facts: Mapping[UUID, Facts]
) -> None:
    if facts:
        rows = [{"posting_id": id_, **asdict(one)} for id_, one in facts.items()]
        for statement in statements:
            await session.execute(statement, {"rows": orjson.dumps(rows).decode()})


def _add(session: WriteSession, new: Mapping[UUID, Facts], old: Mapping[UUID, Facts]) -> None:
    changes: Counter[tuple[str, str, int]] = Counter()
    for facts, change in [
        *((one, 1) for one in new.values()),
        *((one, -1) for one in old.values()),
    ]:
        number = facts.day.toordinal()
        for kind, key in counted(facts):
            changes[kind, key, number] += change
    for (kind, key, number), change in changes.items():
        write_last(session, _ADD, {"kind": kind, "key": key, "number": number, "change": change})
