"""Whom a person has blocked."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from libs.common.files import file_url
from libs.common.i18n import say
from libs.common.pagination import Page, Window, page
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession
from services.messaging.models import Block, PersonSnapshot
from services.messaging.schemas.blocks import BlockOut


async def blocks_of(session: ReadSession, me: UUID, paging: Window) -> Page[BlockOut]:
    """List whom a person has blocked, the last one first."""
    settings = runtime_in(session).settings
    mine = col(Block.user_id) == me
    listed = (
        select(Block, PersonSnapshot)
        .join(PersonSnapshot, col(PersonSnapshot.user_id) == col(Block.blocked_id))
        .where(mine)
        .order_by(col(Block.since).desc(), col(Block.blocked_id))
        .limit(paging.limit)
        .offset(paging.offset)
    )
    rows = [
        BlockOut(
            user_id=block.blocked_id,
            name=person.name or say("notifications.somebody"),
            avatar=file_url(settings, person.avatar_url),
            since=block.since,
        )
        for block, person in await session.execute(listed)
    ]
    total = await session.scalar(select(func.count()).select_from(Block).where(mine)) or 0
    return page(rows, total, paging)
