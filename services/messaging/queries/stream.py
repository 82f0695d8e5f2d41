"""What is new for people, behind the places up to where they were told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import col

from libs.common.ids import NIL
from libs.common.sessions import ReadSession
from services.messaging.models import Notification
from services.messaging.queries.notifications import shown
from services.messaging.stream.cursor import Cursor

PAGE = 20
"""Rows that one person is told at once."""

_NEWS = text(
    """
    SELECT asked.number, pg_current_snapshot()::text AS now, told.item_id, told.kind
    FROM unnest(
        CAST(:users AS uuid[]), CAST(:seen AS pg_snapshot[]),
        CAST(:upto AS pg_snapshot[]), CAST(:after AS uuid[])
    ) WITH ORDINALITY AS asked (user_id, seen, upto, after, number)
    LEFT JOIN LATERAL (
        SELECT item_id, kind FROM stream_items
        WHERE user_id = asked.user_id
        AND xact >= pg_snapshot_xmin(asked.seen)
        AND NOT pg_visible_in_snapshot(xact, asked.seen)
        -- The present one, too: a restored dump has rows of transactions that are yet to come.
        AND pg_visible_in_snapshot(xact, coalesce(asked.upto, pg_current_snapshot()))
        AND item_id > asked.after
        ORDER BY item_id LIMIT :page
    ) AS told ON true
    ORDER BY asked.number, told.item_id
    """
)


class Place(NamedTuple):
    """Whose news are asked for, and from where on; from now on where there is no cursor."""

    user_id: UUID
    cursor: Cursor | None


@dataclass(slots=True)
class News:
    """What is new for one person, `PAGE` things at most, in the order in which he is told them."""

    now: str
    """The snapshot of the statement that found them."""
    items: list[tuple[str, UUID]] = field(default_factory=list)
    """Kind and id of each."""


async def news(session: ReadSession, places: Sequence[Place]) -> list[News]:
    """Find what is new behind each of `places`, in one statement for all."""
    values = {
        "users": [place.user_id for place in places],
        "seen": [place.cursor and place.cursor.seen for place in places],
        "upto": [place.cursor and place.cursor.upto for place in places],
        "after": [place.cursor.after if place.cursor else NIL for place in places],
        "page": PAGE,
    }
    found: dict[int, News] = {}
    for row in await session.execute(_NEWS, values):
        one = found.setdefault(row.number, News(row.now))
        if row.item_id is not None:
            one.items.append((row.kind, row.item_id))
    return list(found.values())


async def notifications_in(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Return the notifications with these ids, to be put into words."""
    rows = await session.execute(shown().where(col(Notification.id).in_(ids)))
    return {row.id: row for row in rows}
