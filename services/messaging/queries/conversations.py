"""With whom a person writes, and what is new there."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Subquery, func, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from libs.common.files import file_url
from libs.common.i18n import say
from libs.common.pagination import Page, Window, feed_page, part_of
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession
from libs.common.settings import CommonSettings
from services.messaging.models import Conversation, Message, PersonSnapshot
from services.messaging.schemas.messages import ConversationOut, MessageOut

_Listed = Select[*tuple[Any, ...]]


async def conversations_of(session: ReadSession, me: UUID, paging: Window) -> Page[ConversationOut]:
    """List a person's conversations, the last written to first."""
    mine = col(Conversation.user_id) == me
    newest = col(Conversation.last_message_id)
    listed: _Listed = select(col(Conversation.other_id), newest).where(mine)
    part = part_of(listed, paging, newest, newest_first=True)
    settings = runtime_in(session).settings
    rows = [_shown(row, settings) for row in await session.execute(_filled(part.subquery(), me))]
    total = await session.scalar(select(func.count()).select_from(Conversation).where(mine)) or 0
    return feed_page(rows, total, paging, lambda row: row.last_message.message_id)


def _filled(part: Subquery, me: UUID) -> _Listed:
    """Select what is shown of a part of the conversations: of no other is anything looked up."""
    last = aliased(Message)
    from_him = (col(Message.receiver_id) == me, col(Message.sender_id) == part.c.other_id)
    unread = select(func.count().label("count")).where(*from_him, ~col(Message.is_read)).lateral()
    return (
        select(
            *(part.c.other_id, col(PersonSnapshot.name), col(PersonSnapshot.avatar_url)),
            *(col(last.id).label("message_id"), col(last.sender_id), col(last.content)),
            *(col(last.sent_at).label("created_at"), unread.c.count.label("unread_count")),
        )
        .select_from(part)
        .join(last, col(last.id) == part.c.last_message_id)
        .outerjoin(PersonSnapshot, col(PersonSnapshot.user_id) == part.c.other_id)
        .join(unread, true())
        .order_by(part.c.last_message_id.desc())
    )


def _shown(row: Row[Any], settings: CommonSettings) -> ConversationOut:
    return ConversationOut(
        user_id=row.other_id,
        name=row.name or say("notifications.somebody"),
        avatar=file_url(settings, row.avatar_url),
        last_message=MessageOut.model_validate(row),
        unread_count=row.unread_count,
    )
