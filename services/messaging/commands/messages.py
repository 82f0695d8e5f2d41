"""Writing to somebody, and having read what he wrote."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from libs.common import clock
from libs.common.contracts.messaging import MessageSent
from libs.common.errors import TokenInvalid
from libs.common.ids import new_id
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.messaging.commands.notifications import notify
from services.messaging.commands.pairs import lock_pair
from services.messaging.commands.people import check_known
from services.messaging.commands.stream import Item, tell
from services.messaging.errors import ReceiverNotFound
from services.messaging.models import Block, Conversation, Message, Notification, PersonSnapshot
from services.messaging.notices import NoticeType
from services.messaging.rules import check_may_write, check_receiver, id_after
from services.messaging.schemas.messages import MessageIn, MessagesReadIn


async def send_message(session: WriteSession, sender_id: UUID, body: MessageIn) -> Message:
    """Write to somebody, and notify him.

    Ids of what two people write to each other are in the order of commits: whoever reads on from
    the last that he saw misses none.

    Raises:
        CannotMessageSelf: sender and receiver are one.
        ReceiverNotFound: there is no such person, or he is not active.
        Blocked: the receiver wants no messages from the sender.
        TokenInvalid: the sender was erased in this moment.
    """
    check_receiver(sender_id, body.receiver_id)
    await lock_pair(session, sender_id, body.receiver_id)
    known = await _what_is_known(session, sender_id, body.receiver_id)
    message = Message(
        id=id_after(new_id(), known.last_message_id),
        sender_id=sender_id,
        receiver_id=body.receiver_id,
        content=body.content,
        sent_at=clock.now(),
    )
    session.add(message)
    await _move_up(session, message)
    sent = MessageSent(
        message_id=message.id,
        sender_id=sender_id,
        receiver_id=body.receiver_id,
        sent_at=message.sent_at,
        first=not known.has_written,
    )
    publish(session, sent)
    await notify(session, sent)
    return message


async def _what_is_known(session: WriteSession, sender_id: UUID, receiver_id: UUID) -> Row[Any]:
    """Return what writing depends on: `last_message_id` of the two, whether the sender has written.

    Neither of the two can be erased, nor the receiver go inactive, until the message is there.
    """
    block = (col(Block.user_id) == receiver_id, col(Block.blocked_id) == sender_id)
    side = (col(Conversation.user_id) == sender_id, col(Conversation.other_id) == receiver_id)
    asked: Select[*tuple[Any, ...]] = (
        select(
            *(PersonSnapshot, exists().where(*block).label("is_blocked")),
            *(col(Conversation.last_message_id), col(Conversation.has_written)),
        )
        .outerjoin(Conversation, and_(*side))
        .where(col(PersonSnapshot.user_id).in_([sender_id, receiver_id]))
        .with_for_update(read=True, of=PersonSnapshot)
    )
    people = {row.PersonSnapshot.user_id: row for row in await session.execute(asked)}
    sender, known = people.get(sender_id), people.get(receiver_id)
    if sender is not None and sender.PersonSnapshot.version == ERASED:
        raise TokenInvalid  # it lives half a second longer than he does
    if known is None:
        raise ReceiverNotFound
    check_may_write(known.PersonSnapshot.is_active, known.is_blocked)
    return known


async def _move_up(session: WriteSession, message: Message) -> None:
    """Make a message the last one of its conversation, on both sides, and tell both."""
    pair = (message.sender_id, message.receiver_id)
    names = ("user_id", "other_id", "last_message_id", "has_written")
    sides = [(*pair, message.id, True), (*pair[::-1], message.id, False)]
    rows = insert(Conversation).values([dict(zip(names, side, strict=True)) for side in sides])
    moved = rows.on_conflict_do_update(
        constraint="pk_conversations",
        set_={
            "last_message_id": rows.excluded.last_message_id,
            "has_written": or_(col(Conversation.has_written), rows.excluded.has_written),
        },
    )
    await session.execute(moved)
    tell(session, [Item(person, message.id, "message") for person in pair])


async def mark_messages_read(session: WriteSession, me: UUID, body: MessagesReadIn) -> int:
    """Mark what somebody wrote to me as read; return how many of his messages I have not read.

    Where none is left, so are the notifications of them.

    Raises:
        NotFound: there was never such a person.
    """
    await lock_pair(session, me, body.with_user_id)
    from_him = (col(Message.sender_id) == body.with_user_id, col(Message.receiver_id) == me)
    unread = (*from_him, ~col(Message.is_read))
    seen = true() if body.up_to is None else col(Message.id) <= body.up_to
    marked = update(Message).where(*unread, seen).values(is_read=True)
    if not (await (await session.connection()).execute(marked)).rowcount:
        await check_known(session, body.with_user_id)
    left = await session.scalar(select(func.count()).select_from(Message).where(*unread)) or 0
    if not left:
        noticed = (
            *(col(Notification.user_id) == me, ~col(Notification.is_read)),
            *(col(Notification.actor_id) == body.with_user_id, _OF_A_MESSAGE),
        )
        await session.execute(update(Notification).where(*noticed).values(is_read=True))
    return left


_OF_A_MESSAGE = col(Notification.type) == NoticeType.MESSAGE.value
