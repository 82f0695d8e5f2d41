"""A snapshot of the encyclopedia's tables: one CSV file a table, all of the same instant."""

from pathlib import Path

from sqlalchemy import text

from libs.common.db import Database
from services.careers.etl.loader import TABLES

_ONE_INSTANT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


async def export_tables(db: Database, folder: Path) -> dict[str, int]:
    """Write every table into the `folder`, ordered by its key, under a line of column names.

    A file is renamed to its name when it is whole: one that is there is never cut off.

    Returns:
        Table -> rows.
    """
    counts = {}
    async with db.write() as session:
        await session.execute(_ONE_INSTANT)
        connection = await session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        for table in TABLES:
            part = folder / f"{table}.csv.part"
            async with driver.cursor() as cursor:
                with part.open("wb") as file:
                    async with cursor.copy(_copy(table)) as rows:
                        async for block in rows:
                            file.write(block)
                counts[table] = cursor.rowcount
            part.rename(folder / f"{table}.csv")
    return counts


def _copy(table: str) -> str:
    # The table's own order: the first column, or the first two, are its key
    return f"COPY (SELECT * FROM {table} ORDER BY 1, 2) TO STDOUT WITH (FORMAT csv, HEADER)"  # noqa: S608
