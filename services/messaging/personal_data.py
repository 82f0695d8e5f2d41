"""What the messaging service holds of a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlmodel import SQLModel, col

from libs.common.db import ReadSession, WriteSession
from libs.common.files import file_url
from libs.common.privacy import PersonalData
from libs.common.service import runtime_in
from libs.common.snapshots import ERASED, keep_newest
from services.messaging.models import Message, Notification, PersonSnapshot


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return who he is here, what he wrote and was written, and what he was notified of."""
    known = await session.get(PersonSnapshot, person)
    settings = runtime_in(session).settings
    mine = or_(col(Message.sender_id) == person, col(Message.receiver_id) == person)
    noticed = col(Notification.user_id) == person
    return {
        "person": known
        and known.model_dump(exclude={"version"})
        | {"avatar_url": file_url(settings, known.avatar_url)},
        "messages": await _rows(session, Message, mine),
        "notifications": await _rows(session, Notification, noticed),
    }


async def _rows(session: ReadSession, model: type[SQLModel], mine: Any) -> list[dict[str, Any]]:
    found = await session.scalars(select(model).where(mine).order_by(model.id))  # type: ignore[attr-defined]
    return [row.model_dump(exclude={"origin"}) for row in found]


async def erase(session: WriteSession, person: UUID) -> None:
    """Forget name and picture, and what he was notified of; what he wrote is the other's to read.

    The nameless row says for ever that he cannot be written to.
    """
    nobody = {"role": "", "name": "", "avatar_url": None, "is_active": False, "version": ERASED}
    await keep_newest(session, PersonSnapshot, {"user_id": person, **nobody})
    await session.execute(delete(Notification).where(col(Notification.user_id) == person))


personal_data = PersonalData(
    holds="Name, role and picture; messages, which stay for whoever they were exchanged with; "
    "notifications.",
    export=export,
    erase=erase,
)
