"""The endpoint of open streams."""

from typing import Annotated, cast

from fastapi import Header, Request

from libs.common.context import language
from libs.common.errors import Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import Responses, openapi_errors
from libs.common.service import service_router
from services.messaging.stream.cursor import read_cursor
from services.messaging.stream.hub import Hub
from services.messaging.stream.streams import EventStream, Stream

router = service_router("messaging")

_EXAMPLE = """\
retry: 3000

event: ready
id: 1767225600-7261:7261:
data: {}

event: message
id: 1767225612-7264:7264:
data: {"messageId": "…", "senderId": "…", "content": "Chào bạn", "createdAt": "…", …}

event: notification
id: 1767225612-7264:7264:
data: {"id": "…", "title": "Tin nhắn mới", "content": "…", "type": "Message", …}

:

"""
_EVENTS: Responses = {
    200: {
        "description": "Events, until the session ends or the reader leaves.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.get(
    "/stream",
    status_code=200,
    response_class=EventStream,
    responses=_EVENTS | openapi_errors(Unauthenticated),
)
async def stream(
    request: Request,
    me: SignedIn,
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", description="The `id` of the last event received."),
    ] = None,
) -> EventStream:
    """Tell my messages and notifications as they come: server-sent events.

    - `message`: a message to me, or one of mine from another device: as in `GET /messages`, with
      its `receiverId`.
    - `notification`: as in `GET /notifications`.
    - `ready`: what had come before is told; from here on things are told as they come.
    - `reset`: stands for `ready` where that cannot be resumed: load your lists anew.

    Every event has an opaque `id`. Who comes back with the last one in `Last-Event-ID`, within 24
    hours, is told exactly what he missed. A stream ends with its access token; of one person at
    most ten stay open, the newest.
    """
    hub = cast("Hub", request.app.state.beside)
    cursor = read_cursor(last_event_id) if last_event_id else None
    return EventStream(Stream(me, language(), cursor), hub.opened)
