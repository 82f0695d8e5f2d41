"""What the messaging service holds of a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, inspect, or_, select
from sqlmodel import SQLModel, col

from libs.common.files import file_url
from libs.common.privacy import PersonalData
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.messaging.models import (
    Block,
    CandidateSnapshot,
    Conversation,
    Follow,
    Message,
    Notification,
    PersonSnapshot,
    StreamItem,
)


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return who he is here, what he wrote and was written, his notifications, whom he follows.

    Whom he has blocked too; who has blocked him is theirs to know.
    """
    known = await session.get(PersonSnapshot, person)
    settings = runtime_in(session).settings
    mine = or_(col(Message.sender_id) == person, col(Message.receiver_id) == person)
    noticed = col(Notification.user_id) == person
    followed = await session.execute(
        select(col(Follow.employer_id), col(Follow.since)).where(col(Follow.candidate_id) == person)
    )
    return {
        "person": known
        and known.model_dump(exclude={"version"})
        | {"avatar_url": file_url(settings, known.avatar_url)},
        "messages": await _rows(session, Message, mine),
        "conversations": await _rows(session, Conversation, col(Conversation.user_id) == person),
        "blocks": await _rows(session, Block, col(Block.user_id) == person),
        "notifications": await _rows(session, Notification, noticed),
        "follows": [dict(row) for row in followed.mappings()],
    }


async def _rows(session: ReadSession, model: type[SQLModel], mine: Any) -> list[dict[str, Any]]:
    in_order = inspect(model).primary_key
    found = await session.scalars(select(model).where(mine).order_by(*in_order))
    return [row.model_dump(exclude={"origin"}) for row in found]


async def erase(session: WriteSession, person: UUID) -> None:
    """Forget who he is, whom he follows, what he was notified of; what he wrote is the other's.

    The nameless row says for ever that he cannot be written to.
    """
    await session.get(PersonSnapshot, person, with_for_update=True)  # who writes of him is done
    nobody = {"role": "", "name": "", "avatar_url": None, "email": None, "language": "vi"}
    nameless = {"user_id": person, **nobody, "is_active": False, "version": ERASED}
    await keep_newest(session, PersonSnapshot, nameless)
    unknown = {"candidate_id": person, "headline": None, "version": ERASED}
    await keep_newest(session, CandidateSnapshot, unknown)
    follows = or_(col(Follow.candidate_id) == person, col(Follow.employer_id) == person)
    await session.execute(delete(Follow).where(follows))
    blocks = or_(col(Block.user_id) == person, col(Block.blocked_id) == person)
    await session.execute(delete(Block).where(blocks))
    await session.execute(delete(Conversation).where(col(Conversation.user_id) == person))
    await session.execute(delete(Notification).where(col(Notification.user_id) == person))
    await session.execute(delete(StreamItem).where(col(StreamItem.user_id) == person))


personal_data = PersonalData(
    holds="Name, role, picture, address and language; a candidate's headline; whom he follows; "
    "messages, which stay for whoever they were exchanged with; whom he blocked; "
    "notifications.",
    export=export,
    erase=erase,
)
