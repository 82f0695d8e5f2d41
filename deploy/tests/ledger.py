"""What a system holds in the end: every row of every schema, without what differs by nature."""

import re
import time
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from deploy.services import SERVICES

_BY_NATURE = {"alembic_version", "job_views"}  # views are stored now and then; a kill loses some
# Tries and times differ from run to run; keys and texts that hold ids or secrets are masked below.
_UNTOLD = {"attempts", "error", "seq", "xact", "body", "request_hash", "content_hash"}
_MASKS = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d(:\d\d)?)?"), "<time>"),
    (re.compile(r"\\\\x[0-9a-f]*"), "<bytes>"),
    (re.compile(r"\$argon2id\$[^\"]*"), "<hash>"),
    (re.compile(r"\"[A-Za-z0-9_=-]{32,}\""), '"<secret>"'),
]


Ledger = dict[str, list[str]]
"""Rows by table."""


def quiet(database_url: str, within: float = 30.0) -> None:
    """Return once nothing waits in any outbox or inbox."""
    deadline = time.monotonic() + within
    counts = " + ".join(
        f"(SELECT count(*) FROM {s}.outbox)"
        f" + (SELECT count(*) FROM {s}.inbox WHERE state = 'waiting')"
        for s in SERVICES
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(f"SELECT {counts}").fetchone()
            if row == (0,):
                return
            time.sleep(0.05)
    raise AssertionError("events still wait")


def ledger(database_url: str, without: frozenset[str] = frozenset()) -> Ledger:
    """Return every row of every table, masked and sorted; `without` names tables to leave out."""
    quiet(database_url)
    found: Ledger = {}
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        for name in _tables(connection):
            if name not in without:
                rows = connection.execute(f"SELECT row_to_json(t) AS row FROM {name} t")
                found[name] = sorted(_masked(row["row"]) for row in rows)
    return found


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT schemaname AS schema, tablename AS name FROM pg_tables"
        " WHERE schemaname = ANY(%s) ORDER BY 1, 2",
        [list(SERVICES)],
    )
    return [f"{r['schema']}.{r['name']}" for r in rows if r["name"] not in _BY_NATURE]


def _masked(row: dict[str, Any]) -> str:
    text = orjson.dumps({k: v for k, v in row.items() if k not in _UNTOLD}).decode()
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text
