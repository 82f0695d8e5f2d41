"""What a database of the careers service holds, for comparing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import make_url, text

from libs.common.db import Database, open_database
from libs.common.migrations import upgrade
from services.careers.etl.loader import TABLES
from services.careers.service import service

WITHOUT = {
    "careers": "to_jsonb(stored) - 'loaded_at'",
    # the instant stands in the page, and so its hash is another
    "career_pages": "jsonb_build_array(onet_code, CAST(page AS jsonb) #- '{dataset,loaded_at}')",
    "etl_raw": "to_jsonb(stored) - 'fetched_at'",
}
"""Table -> its rows without what depends on when they were written."""


@asynccontextmanager
async def own_database(postgres_url: str, name: str) -> AsyncIterator[tuple[str, Database]]:
    """Make a database of the service that no other test empties."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    upgrade(url, service.name, service.folder)
    db = open_database(url, service.name)
    try:
        yield url, db
    finally:
        await db.close()


async def rows(db: Database, statement: str, **values: Any) -> list[Mapping[str, Any]]:
    """Run a query."""
    async with db.read() as session:
        return [dict(row) for row in (await session.execute(text(statement), values)).mappings()]


async def counts(db: Database) -> dict[str, int]:
    """Return how many rows each table of the encyclopedia has."""
    tables = " UNION ALL ".join(f"SELECT '{one}' AS name, count(*) FROM {one}" for one in TABLES)
    return {row["name"]: row["count"] for row in await rows(db, tables)}


async def state(db: Database) -> dict[str, str]:
    """Return of each table a hash of all that it says, instants of loading left out."""
    found = {}
    for table in (*TABLES, "etl_raw"):
        said = WITHOUT.get(table, "to_jsonb(stored)")
        [row] = await rows(
            db,
            f"SELECT md5(string_agg(line, '' ORDER BY line)) AS said"
            f" FROM (SELECT md5(CAST({said} AS text)) AS line FROM {table} AS stored) AS lines",
        )
        found[table] = row["said"]
    return found


async def places(db: Database) -> dict[str, str]:
    """Return of each table a hash of where its rows lie: whatever is rewritten lies elsewhere."""
    found = {}
    for table in (*TABLES, "etl_raw"):
        [row] = await rows(
            db,
            "SELECT md5(string_agg(place, '' ORDER BY place)) AS lie FROM"
            f" (SELECT concat(ctid, xmin, xmax) AS place FROM {table}) AS places",
        )
        found[table] = row["lie"]
    return found
