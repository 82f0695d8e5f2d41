"""What every request passes first: ids, its client's address, a sane target, the bearer's token,
the body limit.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.types import Message, Receive, Scope

from gateway.errors import MalformedRequest
from libs.common.context import accept_request_id, accept_traceparent
from libs.common.errors import ContentTooLarge
from libs.common.identity import Verifier, bearer_token

Headers = list[tuple[bytes, bytes]]

LONGEST_TARGET: Final = 16 * 1024  # bytes of path and query
IDS: Final = frozenset({b"x-request-id", b"traceparent"})
FORWARDED_FOR: Final = b"x-forwarded-for"
REWRITTEN: Final = IDS | {FORWARDED_FOR}
BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")


def identify(scope: Scope, headers: Mapping[bytes, bytes], trusted_proxies: int) -> Headers:
    """Write the request's id and `traceparent` into the scope; return them for the answer.

    The caller's own are kept where they are valid. The client's address is written as the one
    `X-Forwarded-For`, which is what services see, in this process and beyond.

    Args:
        headers: the scope's, by name.
        trusted_proxies: how many proxies stand before the gateway.
    """
    ids = [
        (b"x-request-id", accept_request_id(_text(headers, b"x-request-id")).encode()),
        (b"traceparent", accept_traceparent(_text(headers, b"traceparent")).encode()),
    ]
    client = (FORWARDED_FOR, client_of(scope, trusted_proxies))
    kept = [pair for pair in scope["headers"] if pair[0] not in REWRITTEN]
    scope["headers"] = [*kept, *ids, client]
    return ids


def client_of(scope: Scope, trusted_proxies: int) -> bytes:
    """Return the IP address of who made a request, `b""` where nobody knows (a Unix socket).

    Each trusted proxy has added to `X-Forwarded-For` the address from which it was called. So the
    client is who called the outermost of them; what stands before that, anybody may have written.
    Where the header is shorter than that, or no address, the peer of the connection counts.
    """
    peer: str = scope["client"][0] if scope["client"] else ""
    if trusted_proxies:
        said = b",".join(value for name, value in scope["headers"] if name == FORWARDED_FOR)
        hops = said.decode("latin-1").split(",")
        if len(hops) >= trusted_proxies:
            return _canonical(hops[-trusted_proxies].strip()) or _canonical(peer)
    return _canonical(peer) if ":" in peer else peer.encode()


def _canonical(text: str) -> bytes:
    try:
        address = ip_address(text)
    except ValueError:
        return b""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address).encode()


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
