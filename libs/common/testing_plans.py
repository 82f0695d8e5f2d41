"""For tests of how PostgreSQL finds what it is asked for: its plans, and the rows they meet."""

import re
from typing import Any

from psycopg.rows import TupleRow
from sqlalchemy import event, text

from libs.common.db import Database

Asked = list[tuple[str, Any]]
"""Statements with their parameters."""


def asked_from_now_on(db: Database, pattern: str) -> Asked:
    """Return a list to which every statement will be added that has `pattern` in it."""
    asked: Asked = []
    read = db.rows.read

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if re.search(pattern, statement, re.DOTALL):
            asked.append((statement, parameters))

    async def keep_and_read(sql: str, /, **values: Any) -> list[TupleRow]:
        keep(None, None, str(text(sql).compile(dialect=db.writer.dialect)), values)
        return await read(sql, **values)

    for engine in (db.reader, db.writer):
        event.listen(engine.sync_engine, "before_cursor_execute", keep)
    db.rows.read = keep_and_read  # type: ignore[method-assign]
    return asked


async def plans_of(db: Database, asked: Asked) -> list[str]:
    """Return what PostgreSQL does for each statement; it does it once more."""
    plans = []
    async with db.writer.connect() as connection:
        for statement, parameters in [*asked]:
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, BUFFERS OFF) {statement}"
            lines = (await connection.exec_driver_sql(explain, parameters)).scalars()
            plans.append("\n".join([statement, *lines]))
    return plans


def rows_met(plan: str) -> int:
    """Return the most rows that a step of a plan met."""
    return max(int(float(rows)) for rows in re.findall(r"actual rows=([\d.]+)", plan))
