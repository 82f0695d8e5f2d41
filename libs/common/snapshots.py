"""Read models of other services' rows, fed by events that come in any order and more than once."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from libs.common.sessions import WriteSession

ERASED = 2**31 - 1
"""Version of the nameless row that is kept of whom was erased: no later fact is newer."""


async def keep_newest(session: WriteSession, model: type[SQLModel], facts: dict[str, Any]) -> bool:
    """Insert or replace the row of `facts`, unless a newer `version` of it is known.

    Returns:
        Whether the facts were news.
    """
    table = inspect(model).local_table
    row = insert(table).values(facts)
    kept = row.on_conflict_do_update(
        index_elements=table.primary_key,
        set_={name: row.excluded[name] for name in facts},
        where=row.excluded.version > table.c.version,
    ).returning(table.c.version)
    return (await session.execute(kept)).first() is not None
