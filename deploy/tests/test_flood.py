"""10,000 applications and moves while somebody is killed every few seconds: `make soak`.

In the end each application has led to exactly its notifications, mails and items of streams.
`FLOOD_OPERATIONS` makes it shorter.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg
import pytest

from deploy.services import SERVICES
from deploy.tests.containers import containers
from deploy.tests.flood import SETTINGS, Driven, Flood
from deploy.tests.mortal_postgres import mortal_postgres
from deploy.tests.systems import READY_WITHIN, System, seven_processes

OPERATIONS = int(os.environ.get("FLOOD_OPERATIONS", "10000"))
VICTIMS = ("auth", "jobs", "applications", "messaging", "gateway", "broker")
PAUSE = 4.0  # seconds between one who was started again and the next who is killed
DRAINED_WITHIN = 300.0  # seconds: a message that has failed often waits that long

_OUGHT = """
    SELECT employer_id AS user_id, candidate_id AS actor_id, 'NewApply' AS type,
        'application.submitted' AS event, applications.id AS application_id,
        NULL::timestamptz AS at, NULL AS to_status
    FROM applications.applications JOIN applications.job_snapshots USING (job_id)
    UNION ALL
    SELECT CASE WHEN withdrawn THEN employer_id ELSE candidate_id END,
        CASE WHEN withdrawn THEN candidate_id ELSE employer_id END,
        'ApplyStatus',
        CASE WHEN withdrawn THEN 'application.withdrawn' ELSE 'application.status_changed' END,
        applications.id,
        CASE WHEN NOT withdrawn THEN moved_at END, CASE WHEN NOT withdrawn THEN to_status END
    FROM applications.application_moves
        CROSS JOIN LATERAL (SELECT to_status = 'Withdrawn' AS withdrawn) AS kind
        JOIN applications.applications ON applications.id = application_id
        JOIN applications.job_snapshots USING (job_id)
"""
_TOLD = """
    SELECT user_id, actor_id, type, split_part(origin, ' ', 1), split_part(origin, ' ', 2)::uuid,
        NULLIF(split_part(origin, ' ', 3), '')::timestamptz, params ->> 'to_status'
    FROM messaging.notifications
"""
_NOTIFICATIONS = "SELECT user_id, id FROM messaging.notifications"
_STREAMED = "SELECT user_id, item_id FROM messaging.stream_items WHERE kind = 'notification'"
_APPLIED = "SELECT id, candidate_id, job_id FROM applications.applications"
_COUNTED = "SELECT application_id, candidate_id, job_id FROM jobs.job_applies"
_DEEDS = """
    SELECT 'on_application_submitted', count(*) FROM applications.applications
    UNION ALL
    SELECT CASE to_status WHEN 'Withdrawn' THEN 'on_application_withdrawn'
        ELSE 'on_application_moved' END AS handler, count(*)
    FROM applications.application_moves GROUP BY handler
    UNION ALL
    SELECT handler, count(*)
    FROM messaging.notifications
        CROSS JOIN (VALUES ('mail_notification'), ('send_mail')) AS mailing (handler)
    WHERE origin NOT LIKE 'application.withdrawn %' GROUP BY handler
"""
_HANDLED = "SELECT handler, count(*) FROM messaging.inbox WHERE state = 'done' GROUP BY handler"

Victims = Mapping[str, Callable[[], None]]
"""Who can be killed and started again, and how."""

NOTHING_OF = {
    "not told": f"{_OUGHT} EXCEPT ALL {_TOLD}",
    "told wrongly, or twice": f"{_TOLD} EXCEPT ALL ({_OUGHT})",
    "not in a stream": f"{_NOTIFICATIONS} EXCEPT ALL {_STREAMED}",
    "in a stream wrongly, or twice": f"{_STREAMED} EXCEPT ALL {_NOTIFICATIONS}",
    "not counted by jobs": f"{_APPLIED} EXCEPT ALL {_COUNTED}",
    "counted by jobs wrongly": f"{_COUNTED} EXCEPT ALL {_APPLIED}",
    "handled more or less often": f"({_DEEDS}) EXCEPT ALL ({_HANDLED})",
    "messages": "SELECT id FROM messaging.messages",
    "conversations": "SELECT user_id FROM messaging.conversations",
    **{f"outbox of {name}": f"SELECT id, name FROM {name}.outbox" for name in SERVICES},
    **{
        f"inbox of {name}": "SELECT message_id, handler, state, attempts, error"
        f" FROM {name}.inbox WHERE state <> 'done'"
        for name in SERVICES
    },
}
"""What there must be no row of, when all is over."""
_MAILED = """
    SELECT format('%s.%s.%s.eml', id, user_id, actor_id) FROM messaging.notifications
    WHERE origin NOT LIKE 'application.withdrawn %'
"""
_FOUND = """
    SELECT applications.id::text, candidate_id::text, job_id::text, status,
        coalesce(json_agg(json_build_array(from_status, to_status, note) ORDER BY moves.id)
            FILTER (WHERE moves.id IS NOT NULL), '[]')
    FROM applications.applications
        LEFT JOIN applications.application_moves AS moves ON application_id = applications.id
    GROUP BY applications.id
"""


@pytest.mark.soak
async def test_a_flood_under_constant_kills_is_told_exactly() -> None:
    with (
        mortal_postgres() as postgres,
        seven_processes(postgres.url, "flood", **SETTINGS) as system,
    ):
        victims = {name: partial(system.kill_and_start, name) for name in VICTIMS}
        await _flood(system, victims | {"postgres": postgres.kill_and_start}, OPERATIONS)
        assert [name for name, one in system.running.items() if one.poll() is not None] == []
        assert _mails(system.mail) == sorted(_column(system.database_url, _MAILED))


@pytest.mark.soak
async def test_a_flood_while_containers_are_killed_in_turn() -> None:
    """Not the mails: those that are caught are in the memory of a container that is killed too."""
    with containers(**SETTINGS) as stack:
        victims = {name: partial(stack.kill_and_start, name) for name in stack.names}
        await _flood(stack, victims, OPERATIONS // 5)


async def _flood(
    system: System, victims: Mapping[str, Callable[[], None]], operations: int
) -> None:
    """Drive applications and moves while one after the other is killed; then count everything."""
    began = time.monotonic()
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=system.url, timeout=40, limits=limits) as client:
        flood = Flood(client, operations, Random(5))  # noqa: S311
        driving = asyncio.create_task(flood.run(system.database_url))
        killed = await _kill_until_done(victims, driving)
        await driving
    took = time.monotonic() - began
    await asyncio.to_thread(_wait_recovered, system)
    began = time.monotonic()
    while (wrong := _wrong(system)) and time.monotonic() < began + DRAINED_WITHIN:
        await asyncio.sleep(0.5)
    print(f"\n{flood.done:,} operations in {took:.0f} s, drained in"
          f" {time.monotonic() - began:.0f} s; killed: {killed}")  # fmt: skip
    print(_counts(system.database_url))
    assert wrong == {}
    assert _not_as_driven(system.database_url, flood.driven) == {}
    assert set(killed) == set(victims)


async def _kill_until_done(victims: Victims, driving: asyncio.Task[None]) -> Counter[str]:
    """Kill one after the other, all of them in each round, in a new order; end with a round."""
    killed: Counter[str] = Counter()
    chosen = Random(7)  # noqa: S311
    while not driving.done():
        for victim in chosen.sample(list(victims), len(victims)):
            await asyncio.sleep(PAUSE)
            await asyncio.to_thread(victims[victim])
            killed[victim] += 1
    return killed


def _wait_recovered(system: System) -> None:
    """Return once everything is ready again, by itself."""
    deadline = time.monotonic() + READY_WITHIN
    while httpx.get(f"{system.url}/health/ready", timeout=5).status_code != 200:
        assert time.monotonic() < deadline, "not ready in time"
        time.sleep(0.1)


def _wrong(system: System) -> dict[str, Any]:
    """Return what there is and ought not to be, up to three rows of each kind."""
    with psycopg.connect(system.database_url) as connection:
        found = {
            name: connection.execute(f"{statement} LIMIT 3").fetchall()
            for name, statement in NOTHING_OF.items()
        }
    return {name: rows for name, rows in found.items() if rows}


def _not_as_driven(database_url: str, driven: dict[str, Driven]) -> dict[str, Any]:
    """Return the applications that are not as they were driven: how they are, how they should."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(_FOUND).fetchall()
    found = {id_: (*rest, [tuple(move) for move in moves]) for id_, *rest, moves in rows}
    ought = {
        id_: (one.candidate_id, one.job_id, one.status, one.moves) for id_, one in driven.items()
    }
    ids = found.keys() | ought.keys()
    return {i: (found.get(i), ought.get(i)) for i in ids if found.get(i) != ought.get(i)}


def _mails(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.eml"))


def _column(database_url: str, statement: str) -> list[Any]:
    with psycopg.connect(database_url) as connection:
        return [row[0] for row in connection.execute(statement)]


def _counts(database_url: str) -> dict[str, int]:
    tables = ("applications.applications", "applications.application_moves",
              "messaging.notifications", "messaging.stream_items", "messaging.inbox")  # fmt: skip
    return {table: _column(database_url, f"SELECT count(*) FROM {table}")[0] for table in tables}
