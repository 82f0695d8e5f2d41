"""Notifying somebody, and marking as read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import update
from sqlmodel import col

from libs.common import clock, ids
from libs.common.contracts.messaging import NotificationCreated
from libs.common.errors import NotFound
from libs.common.events import Event
from libs.common.messaging import enqueue, publish
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.messaging.commands.mails import MailDue, mail_notification
from services.messaging.commands.stream import Item, tell
from services.messaging.models import Notification
from services.messaging.notices import is_mailed, notice_of

# Whoever is being erased is held or waited for: what is written here, his erasure will find.
_ADD = """
    WITH held AS MATERIALIZED (
        SELECT user_id, version FROM person_snapshots
        WHERE user_id = ANY(CAST(:readers AS uuid[])) FOR KEY SHARE
    )
    INSERT INTO notifications (
        id, user_id, type, actor_id, params, origin, is_read, created_at
    )
    SELECT reader.id, reader.user_id, :type, :actor_id, CAST(:params AS jsonb), :origin, false, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:readers AS uuid[])) AS reader (id, user_id)
    LEFT JOIN held USING (user_id)
    WHERE held.version IS DISTINCT FROM :erased
    ON CONFLICT ON CONSTRAINT uq_notifications_origin DO NOTHING
    RETURNING id, user_id
    """


async def notify(session: WriteSession, event: Event) -> None:
    """Notify whom `event` concerns, once for each fact, however often it is told."""
    facts = event.model_dump(mode="json")
    notice = notice_of(event.event_name, facts)
    for made in await notify_all(session, notice, [UUID(notice["user_id"])]):
        publish(session, made)
        if is_mailed(event.event_name, facts):
            enqueue(session, mail_notification, MailDue(notification_id=made.notification_id))


async def notify_all(
    session: WriteSession, notice: dict[str, Any], readers: Sequence[UUID]
) -> list[NotificationCreated]:
    """Make a notification for each of `readers`; return what is to be published of the new ones.

    Whoever has it already keeps what he has. Nobody is notified who was erased: there would be
    nobody to read it.
    """
    added = {**notice, "ids": [ids.new_id() for _ in readers], "readers": list(readers)}
    values = added | {"params": orjson.dumps(notice["params"]).decode(), "now": clock.now()}
    made = await session.run(_ADD, **values, erased=ERASED)
    tell(session, (Item(who, one, "notification") for one, who in made))
    of_type = {"type": notice["type"]}
    return [NotificationCreated(notification_id=one, user_id=who, **of_type) for one, who in made]


async def mark_read(session: WriteSession, user_id: UUID, notification_id: UUID) -> None:
    """Mark one notification as read; again changes nothing.

    Raises:
        NotFound: it is none of this person's.
    """
    one = (col(Notification.id) == notification_id, col(Notification.user_id) == user_id)
    marked = update(Notification).where(*one).values(is_read=True)
    if (await session.execute(marked.returning(col(Notification.id)))).first() is None:
        raise NotFound


async def mark_all_read(session: WriteSession, user_id: UUID) -> int:
    """Mark all that a person has not read; return how many those were."""
    unread = (col(Notification.user_id) == user_id, ~col(Notification.is_read))
    connection = await session.connection()
    marked = await connection.execute(update(Notification).where(*unread).values(is_read=True))
    return marked.rowcount
