"""Endpoints of notifications."""

from libs.common.errors import NotFound, Unauthenticated
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.openapi import Responses, counted_to, openapi_errors
from libs.common.pagination import FeedById, Page
from libs.common.service import Read, Write, service_router
from services.messaging.commands.notifications import mark_all_read, mark_read
from services.messaging.queries.notifications import COUNTED, notifications_of, unread_of
from services.messaging.schemas.notifications import CountOut, NotificationOut, ReadOut

router = service_router("messaging")

_COUNTED: Responses = {200: {"headers": counted_to(COUNTED)}}


@router.get("/notifications", responses=_COUNTED | openapi_errors(Unauthenticated))
async def list_notifications(
    me: SignedIn, session: Read, paging: FeedById, is_read: bool | None = None
) -> Page[NotificationOut]:
    """List my notifications, newest first, in my language."""
    return await notifications_of(session, me.user_id, is_read, paging)


@router.get("/notifications/unread-count", responses=openapi_errors(Unauthenticated))
async def count_unread(me: SignedIn, session: Read) -> CountOut:
    """Count what I have not read."""
    return await unread_of(session, me.user_id)


@router.put("/notifications/read-all", responses=openapi_errors(Unauthenticated))
async def read_all(me: SignedIn, session: Write) -> CountOut:
    """Mark everything as read; `count` is how many were not."""
    return CountOut(count=await mark_all_read(session, me.user_id))


@router.put(
    "/notifications/{notification_id}/read", responses=openapi_errors(Unauthenticated, NotFound)
)
async def read_notification(notification_id: Id, me: SignedIn, session: Write) -> ReadOut:
    """Mark a notification of mine as read."""
    await mark_read(session, me.user_id, notification_id)
    return ReadOut(notification_id=notification_id)
