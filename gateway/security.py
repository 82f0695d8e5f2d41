"""What every request passes first: ids, a sane target, the bearer's token, the body limit."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.types import Message, Receive, Scope

from gateway.errors import MalformedRequest
from libs.common.context import accept_request_id, accept_traceparent
from libs.common.errors import ContentTooLarge
from libs.common.identity import Verifier, bearer_token

Headers = list[tuple[bytes, bytes]]

LONGEST_TARGET: Final = 16 * 1024  # bytes of path and query
IDS: Final = frozenset({b"x-request-id", b"traceparent"})
BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")


def identify(scope: Scope, headers: Mapping[bytes, bytes]) -> Headers:
    """Write the request's id and `traceparent` into the scope; return them for the answer.

    The caller's own are kept where they are valid.

    Args:
        headers: the scope's, by name.
    """
    ids = [
        (b"x-request-id", accept_request_id(_text(headers, b"x-request-id")).encode()),
        (b"traceparent", accept_traceparent(_text(headers, b"traceparent")).encode()),
    ]
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in IDS] + ids
    return ids


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def check_target(scope: Scope) -> None:
    """Refuse a path that is endless, wrongly escaped, or not UTF-8.

    Raises:
        MalformedRequest: it is.
    """
    raw: bytes = scope.get("raw_path") or b""
    if len(raw) + len(scope["query_string"]) > LONGEST_TARGET:
        raise MalformedRequest({"reason": "target"})
    if BAD_ESCAPE.search(raw) or "\0" in scope["path"] or "\ufffd" in scope["path"]:
        raise MalformedRequest({"reason": "path"})


async def check_bearer(headers: Mapping[bytes, bytes], verifier: Verifier) -> None:
    """Refuse a caller without a good token; the service checks it again, and decides the rest.

    Raises:
        Unauthenticated, TokenExpired, TokenInvalid: no token, or none that counts.
        ServiceUnavailable: the keys to check it with cannot be had.
    """
    await verifier.verify(bearer_token(_text(headers, b"authorization")))


class Body:
    """A request's body on its way to the service: `receive` gives at most `limit` bytes."""

    __slots__ = ("_complete", "_left", "_limit", "_receive", "awaited")

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = self._limit = limit
        self._complete = False
        self.awaited = False
        """Whether the service waits for the client to send more."""

    async def receive(self) -> Message:
        """Receive the next message.

        Raises:
            ContentTooLarge: the body outgrew the limit.
        """
        self.awaited = not self._complete
        message = await self._receive()
        self.awaited = False
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise ContentTooLarge({"limit": self._limit})
        self._complete = not message.get("more_body", False)
        return message


def body_of(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> Body | None:
    """Return the body of a request, None where it has none.

    Raises:
        ContentTooLarge: Content-Length is over `limit` bytes.
        MalformedRequest: Content-Length is no number.
    """
    length = headers.get(b"content-length")
    if length is not None:
        if not length.isdigit() or len(length) > 18:
            raise MalformedRequest({"reason": "content-length"})
        if int(length) > limit:
            raise ContentTooLarge({"limit": limit})
    elif b"transfer-encoding" not in headers:
        return None
    return Body(receive, limit)
