"""What two people wrote to each other."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlmodel import col

from libs.common.pagination import Page, Window, feed_page, part_of
from libs.common.sessions import ReadSession
from services.messaging.models import Message
from services.messaging.schemas.messages import MessageOut
from services.messaging.schemas.stream import ToldMessageOut

_SHOWN: Select[*tuple[Any, ...]] = select(
    *(col(Message.id).label("message_id"), col(Message.sender_id), col(Message.receiver_id)),
    *(col(Message.content), col(Message.sent_at).label("created_at")),
)


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
    part = part_of(_SHOWN.where(*wanted), paging, col(Message.id), newest_first=backwards)
    rows = [MessageOut.model_validate(row) for row in await session.execute(part)]
    page = feed_page(rows, await _count(session, wanted), paging, lambda row: row.message_id)
    return replace(page, items=page.items[::-1]) if backwards else page


async def messages_in(session: ReadSession, ids: Collection[UUID]) -> list[ToldMessageOut]:
    """Return the messages with these ids."""
    rows = await session.execute(_SHOWN.where(col(Message.id).in_(ids)))
    return [ToldMessageOut.model_validate(row) for row in rows]


async def _count(session: ReadSession, wanted: list[ColumnElement[bool]]) -> int:
    return await session.scalar(select(func.count()).where(*wanted)) or 0
