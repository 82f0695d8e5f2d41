"""Telling people's open streams that there is something new."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text

from libs.common import clock
from libs.common.db import Database, WriteSession
from libs.common.tasks import Task
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


_TELL = text(
    f"""
    WITH kept AS (
        INSERT INTO stream_items (user_id, item_id, kind, created_at)
        SELECT user_id, item_id, kind, :now
        FROM unnest(CAST(:users AS uuid[]), CAST(:items AS uuid[]), CAST(:kinds AS text[]))
            AS told (user_id, item_id, kind)
    )
    SELECT pg_notify('{CHANNEL}', people) FROM unnest(CAST(:people AS text[])) AS people
    """  # noqa: S608 - a name of our own
)
_PURGE = text(
    """
    DELETE FROM stream_items WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM stream_items WHERE created_at < :before
        ORDER BY created_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ))
    """
)
_BATCH = 5000


async def tell(session: WriteSession, items: Sequence[Item]) -> None:
    """Let the open streams of people have what is new, once this transaction is committed."""
    if not items:
        return
    people = list(dict.fromkeys(item.user_id.hex for item in items))
    values = {
        "users": [item.user_id for item in items],
        "items": [item.item_id for item in items],
        "kinds": [item.kind for item in items],
        "people": [",".join(people[at : at + AT_ONCE]) for at in range(0, len(people), AT_ONCE)],
        "now": clock.now(),
    }
    await session.execute(_TELL, values)


async def _purge(db: Database) -> int:
    """Forget what nobody may come back for any more."""
    before = clock.now() - TOLD_FOR - timedelta(hours=1)  # a commit may be later than its row
    async with db.engine.begin() as connection:
        return (await connection.execute(_PURGE, {"before": before, "batch": _BATCH})).rowcount


purge = Task("purge of stream_items", _purge, every=600.0, batch=_BATCH)
