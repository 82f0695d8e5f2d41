"""What people read of their messages and notifications."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlmodel import col

from libs.common.db import ReadSession
from libs.common.i18n import say
from libs.common.pagination import Page, Window, feed_page, part_of
from services.messaging.models import Message, Notification, PersonSnapshot
from services.messaging.schemas import CountOut, MessageOut, NotificationOut

_Listed = Select[*tuple[Any, ...]]


async def conversation(
    session: ReadSession,
    me: UUID,
    other: UUID,
    paging: Window,
    before: UUID | None,
    after: UUID | None,
) -> Page[MessageOut]:
    """List what two people wrote to each other, oldest first.

    `before` and `after` are ids of messages that are themselves left out. With `before` alone
    pages are counted backwards from it: the first page holds the messages right before it.
    """
    pair = (Message.sender_id, Message.receiver_id)
    wanted: list[ColumnElement[bool]] = [
        func.least(*pair) == func.least(me, other),
        func.greatest(*pair) == func.greatest(me, other),
        true() if before is None else col(Message.id) < before,
        true() if after is None else col(Message.id) > after,
    ]
    backwards = before is not None and after is None
    listed: _Listed = select(
        col(Message.id).label("message_id"),
        col(Message.sender_id),
        col(Message.content),
        col(Message.sent_at).label("created_at"),
    ).where(*wanted)
    part = part_of(listed, paging, col(Message.id), newest_first=backwards)
    rows = [MessageOut.model_validate(row) for row in await session.execute(part)]
    page = feed_page(rows, await _count(session, wanted), paging, lambda row: row.message_id)
    return replace(page, items=page.items[::-1]) if backwards else page


async def notifications_of(
    session: ReadSession, me: UUID, is_read: bool | None, paging: Window
) -> Page[NotificationOut]:
    """List a person's notifications in the caller's language, newest first."""
    wanted = [
        col(Notification.user_id) == me,
        true() if is_read is None else col(Notification.is_read) == is_read,
    ]
    listed: _Listed = (
        select(
            *(col(Notification.id), col(Notification.type), col(Notification.params)),
            *(col(Notification.is_read), col(Notification.created_at)),
            col(PersonSnapshot.name).label("actor"),
        )
        .outerjoin(PersonSnapshot, col(PersonSnapshot.user_id) == col(Notification.actor_id))
        .where(*wanted)
    )
    part = part_of(listed, paging, col(Notification.id), newest_first=True)
    rows = [_in_words(row) for row in await session.execute(part)]
    return feed_page(rows, await _count(session, wanted), paging, lambda row: row.id)


async def unread_of(session: ReadSession, me: UUID) -> CountOut:
    """Count a person's unread notifications."""
    unread = [col(Notification.user_id) == me, ~col(Notification.is_read)]
    return CountOut(count=await _count(session, unread))


def _in_words(row: Row[Any]) -> NotificationOut:
    key = f"notifications.{row.type}"
    words = {**row.params, "actor": row.actor or say("notifications.somebody")}
    if "to_status" in words:
        words["status"] = say(f"statuses.{words['to_status']}")
    return NotificationOut(
        id=row.id,
        title=say(f"{key}.title", **words),
        content=say(f"{key}.content", **words),
        type=row.type,
        is_read=row.is_read,
        created_at=row.created_at,
    )


async def _count(session: ReadSession, wanted: list[ColumnElement[bool]]) -> int:
    return await session.scalar(select(func.count()).where(*wanted)) or 0
