"""Telling people's open streams that there is something new."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from libs.common import clock
from libs.common.sessions import WriteSession, write_last
from libs.common.tasks import purge_of
from services.messaging.stream.cursor import TOLD_FOR

CHANNEL = "messaging_stream"
"""What PostgreSQL notifies there: ids of users as 32 hexadecimal digits, separated by commas."""
AT_ONCE = 239
"""Ids in one notification, which holds less than 8,000 bytes."""


class Item(NamedTuple):
    """Something new of a person."""

    user_id: UUID
    item_id: UUID
    """Of the message or the notification."""
    kind: Literal["message", "notification"]


_TELL = f"""
    WITH told AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
            AS row (user_id uuid, item_id uuid, kind text, created_at timestamptz)
    ), kept AS (
        INSERT INTO stream_items (user_id, item_id, kind, created_at)
        SELECT user_id, item_id, kind, created_at FROM told
    ), people AS (
        SELECT replace(user_id::text, '-', '') AS id, row_number() OVER () AS number
        FROM (SELECT DISTINCT user_id FROM told) AS one
    )
    SELECT pg_notify('{CHANNEL}', string_agg(id, ',')) FROM people
    GROUP BY (number - 1) / {AT_ONCE}
    """  # noqa: S608 - names of our own


def tell(session: WriteSession, items: Iterable[Item]) -> None:
    """Let the open streams of people have what is new, once this transaction is committed."""
    now = clock.now()
    for item in items:
        write_last(session, _TELL, {**item._asdict(), "created_at": now})


# What nobody may come back for any more; a commit may be later than its row.
purge = purge_of(
    "stream_items", "created_at", TOLD_FOR + timedelta(hours=1), every=600.0, batch=5000
)
