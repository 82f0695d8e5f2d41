"""Endpoints of messages and conversations."""

from typing import Annotated

from fastapi import Query

from libs.common.errors import NotFound, Unauthenticated
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import SignedIn
from libs.common.ids import Id, Place
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.pagination import FeedById, Page
from libs.common.service import Read, Write, service_router
from services.messaging.commands.messages import mark_messages_read
from services.messaging.commands.messages import send_message as send
from services.messaging.errors import Blocked, CannotMessageSelf, ReceiverNotFound
from services.messaging.queries.conversations import conversations_of
from services.messaging.queries.messages import conversation
from services.messaging.schemas.messages import (
    ConversationOut,
    MessageIn,
    MessageOut,
    MessagesReadIn,
    SentOut,
    UnreadOut,
)

router = service_router("messaging")


@router.post(
    "/messages",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, ReceiverNotFound, CannotMessageSelf, Blocked),
        *(IdempotencyKeyInvalid, IdempotencyKeyReused),
    ),
    openapi_extra=rate_limited("message", 60, 60),
)
async def send_message(me: SignedIn, session: Write, once: Once, body: MessageIn) -> SentOut:
    """Write to somebody else."""
    sent = await send(session, me.user_id, body)
    return SentOut(message_id=sent.id, receiver_id=sent.receiver_id, send_time=sent.sent_at)


@router.get("/messages", responses=openapi_errors(Unauthenticated))
async def list_messages(
    me: SignedIn,
    session: Read,
    paging: FeedById,
    with_user_id: Id,
    before: Annotated[Place | None, Query(description="Only those right before this one.")] = None,
    after: Annotated[Place | None, Query(description="Only those after this one.")] = None,
) -> Page[MessageOut]:
    """List what somebody and I wrote to each other, oldest first."""
    return await conversation(session, me.user_id, with_user_id, paging, before, after)


@router.put("/messages/read", responses=openapi_errors(Unauthenticated, NotFound))
async def read_messages(me: SignedIn, session: Write, body: MessagesReadIn) -> UnreadOut:
    """Mark what somebody wrote to me as read, all or up to one message."""
    left = await mark_messages_read(session, me.user_id, body)
    return UnreadOut(with_user_id=body.with_user_id, unread_count=left)


@router.get("/conversations", responses=openapi_errors(Unauthenticated))
async def list_conversations(
    me: SignedIn, session: Read, paging: FeedById
) -> Page[ConversationOut]:
    """List with whom I write, the last conversation first."""
    return await conversations_of(session, me.user_id, paging)
