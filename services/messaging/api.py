"""Endpoints of messages and notifications."""

from typing import Annotated

from fastapi import Query

from libs.common.errors import NotFound, Unauthenticated
from libs.common.idempotency import IdempotencyKeyInvalid, IdempotencyKeyReused, Once
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import FeedById, Page
from libs.common.service import Read, Write, service_router
from services.messaging import commands, queries
from services.messaging.errors import CannotMessageSelf, ReceiverNotFound
from services.messaging.schemas import (
    CountOut,
    MessageIn,
    MessageOut,
    NotificationOut,
    ReadOut,
    SentOut,
)

router = service_router("messaging")


@router.post(
    "/messages",
    status_code=201,
    responses=openapi_errors(
        *(Unauthenticated, ReceiverNotFound, CannotMessageSelf),
        *(IdempotencyKeyInvalid, IdempotencyKeyReused),
    ),
)
async def send_message(me: SignedIn, session: Write, once: Once, body: MessageIn) -> SentOut:
    """Write to somebody else."""
    sent = await commands.send_message(session, me.user_id, body)
    return SentOut(message_id=sent.id, receiver_id=sent.receiver_id, send_time=sent.sent_at)


@router.get("/messages", responses=openapi_errors(Unauthenticated))
async def list_messages(
    me: SignedIn,
    session: Read,
    paging: FeedById,
    with_user_id: Id,
    before: Annotated[Id | None, Query(description="Only those right before this one.")] = None,
    after: Annotated[Id | None, Query(description="Only those after this one.")] = None,
) -> Page[MessageOut]:
    """List what somebody and I wrote to each other, oldest first."""
    return await queries.conversation(session, me.user_id, with_user_id, paging, before, after)


@router.get("/notifications", responses=openapi_errors(Unauthenticated))
async def list_notifications(
    me: SignedIn, session: Read, paging: FeedById, is_read: bool | None = None
) -> Page[NotificationOut]:
    """List my notifications, newest first, in my language."""
    return await queries.notifications_of(session, me.user_id, is_read, paging)


@router.get("/notifications/unread-count", responses=openapi_errors(Unauthenticated))
async def count_unread(me: SignedIn, session: Read) -> CountOut:
    """Count what I have not read."""
    return await queries.unread_of(session, me.user_id)


@router.put("/notifications/read-all", responses=openapi_errors(Unauthenticated))
async def read_all(me: SignedIn, session: Write) -> CountOut:
    """Mark everything as read; `count` is how many were not."""
    return CountOut(count=await commands.mark_all_read(session, me.user_id))


@router.put(
    "/notifications/{notification_id}/read", responses=openapi_errors(Unauthenticated, NotFound)
)
async def read_notification(notification_id: Id, me: SignedIn, session: Write) -> ReadOut:
    """Mark a notification of mine as read."""
    await commands.mark_read(session, me.user_id, notification_id)
    return ReadOut(notification_id=notification_id)
