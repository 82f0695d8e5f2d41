"""Writing to somebody, notifying, and marking as read."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from libs.common import clock, ids
from libs.common.contracts.auth import UserActivated, UserRegistered, UserUpdated
from libs.common.contracts.messaging import MessageSent, NotificationCreated
from libs.common.db import WriteSession
from libs.common.errors import NotFound
from libs.common.events import Event
from libs.common.messaging import publish
from libs.common.snapshots import ERASED, keep_newest
from services.messaging.errors import ReceiverNotFound
from services.messaging.models import Message, Notification, PersonSnapshot
from services.messaging.rules import check_receiver, notice_of
from services.messaging.schemas import MessageIn


async def send_message(session: WriteSession, sender_id: UUID, body: MessageIn) -> Message:
    """Write to somebody, and notify him.

    Raises:
        CannotMessageSelf: sender and receiver are one.
        ReceiverNotFound: there is no such person, or he is not active.
    """
    check_receiver(sender_id, body.receiver_id)
    receiver = await session.get(PersonSnapshot, body.receiver_id)
    if receiver is None or not receiver.is_active:
        raise ReceiverNotFound
    message = Message(
        sender_id=sender_id,
        receiver_id=body.receiver_id,
        content=body.content,
        sent_at=clock.now(),
    )
    session.add(message)
    sent = MessageSent(
        message_id=message.id,
        sender_id=sender_id,
        receiver_id=body.receiver_id,
        sent_at=message.sent_at,
    )
    publish(session, sent)
    await notify(session, sent)
    return message


async def notify(session: WriteSession, event: Event) -> None:
    """Notify whom `event` concerns, once for each fact, however often it is told.

    Nobody is notified who was erased: there would be nobody to read it.
    """
    notice = notice_of(event.event_name, event.model_dump(mode="json"))
    receiver = await session.get(PersonSnapshot, UUID(notice["user_id"]))
    if receiver is not None and receiver.version == ERASED:
        return
    row = {"id": ids.new_id(), **notice, "is_read": False, "created_at": clock.now()}
    added = insert(Notification).values(row).on_conflict_do_nothing(index_elements=["origin"])
    made = (await session.execute(added.returning(col(Notification.user_id)))).first()
    if made is not None:
        publish(
            session,
            NotificationCreated(
                notification_id=row["id"], user_id=made.user_id, type=notice["type"]
            ),
        )


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
    marked = update(Notification).where(*unread).values(is_read=True)
    return len((await session.execute(marked.returning(col(Notification.id)))).all())


async def keep_person(
    session: WriteSession, person: UserRegistered | UserActivated | UserUpdated
) -> None:
    """Remember a person, unless something newer of him is known already."""
    await keep_newest(session, PersonSnapshot, person.model_dump())
