"""A remote service as an ASGI app: a reverse proxy that streams both ways."""

import asyncio
import re
from contextlib import nullcontext
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.types import Receive, Scope, Send

from gateway.errors import ClientGone, MalformedRequest, UpstreamUnavailable
from gateway.pool import Connection, Pool, named_by
from libs.common.asgi import ended_at_stop

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
# RFC 9110 §7.6.1; the server in front answers Expect; what is written anew.
DROPPED_FROM_REQUESTS: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding "
    b"upgrade expect content-length host x-forwarded-for x-forwarded-host "
    b"x-forwarded-proto".split()
)
UNSAFE_IN_TARGET: Final = re.compile(rb"[^\x21-\x7e]")


class ReverseProxy:
    """`ReverseProxy("http://127.0.0.1:8002")` is an ASGI app; call `close` at the end.

    Raises UpstreamUnavailable where the upstream gives no proper answer: before the response
    starts, or in its midst, and then the server in front must cut the client's connection.
    Raises MalformedRequest for a request that could be read in two ways (RFC 9112 §6.3, §11).
    There is no deadline here but `connect_timeout` (seconds).
    """

    def __init__(self, url: str, *, connect_timeout: float = 2.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"an upstream is http://host[:port], not {url!r}")
        self.authority = parts.netloc.encode("ascii")
        self.pool = Pool(parts.hostname, parts.port or 80, connect_timeout)

    async def close(self) -> None:
        """Close all connections."""
        await self.pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and stream the answer back."""
        data, left = request_head(scope, self.authority)
        bodiless = sent = left == 0
        if not sent:  # most bodies come in one message, and then no task is needed
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body: bytes = message.get("body", b"")
            sent = not message.get("more_body", False)
            data += framed(body, left, last=sent)
            left = None if left is None else left - len(body)
        retriable = bodiless and scope["method"] in IDEMPOTENT
        is_head = scope["method"] == "HEAD"
        idle = self.pool.take()
        connection = idle or await self.pool.connect()
        try:
            connection.begin(data, receive, head=is_head, sent=sent)
            if not sent:
                connection.task = asyncio.create_task(pump(connection, receive, left))
            try:
                status, headers = await connection.answer()
            except UpstreamUnavailable:
                if idle is None or not retriable or connection.heard:
                    raise
                connection.finish()  # it had gone stale: once more, on a fresh one
                connection = await self.pool.connect()
                connection.begin(data, receive, head=is_head, sent=sent)
                status, headers = await connection.answer()
            await send({"type": "http.response.start", "status": status, "headers": headers})
            endless = dict(headers).get(b"content-type", b"").startswith(b"text/event-stream")
            with ended_at_stop(scope, connection.end) if endless else nullcontext():
                more = True
                while more:
                    part, more = await connection.read()
                    await send({"type": "http.response.body", "body": part, "more_body": more})
        except ClientGone:
            return
        finally:
            connection.finish()


def request_head(scope: Scope, authority: bytes) -> tuple[bytes, int | None]:
    """Build request line and headers for the upstream.

    Returns:
        The bytes, and the body's length: 0 for none, None where it is sent in chunks.

    Raises:
        MalformedRequest: the framing is ambiguous, or something would break out of its line.
    """
    target = scope.get("raw_path") or quote(scope["path"]).encode()
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    if UNSAFE_IN_TARGET.search(target):
        raise MalformedRequest({"reason": "target"})
    length: bytes | None = None
    codings: list[bytes] = []
    client = host = b""
    hop: frozenset[bytes] = frozenset()
    kept = []
    for pair in scope["headers"]:
        name, value = pair
        if name not in DROPPED_FROM_REQUESTS:
            kept.append(pair)
        elif name == b"host":
            host = value
        elif name == b"content-length":
            if length is not None or not value.isdigit() or len(value) > 18:
                raise MalformedRequest({"reason": "content-length"})
            length = value
        elif name == b"transfer-encoding":
            codings.append(value.lower())
        elif name == b"x-forwarded-for":  # the gateway wrote it, so Connection cannot drop it
            client = value
        elif name == b"connection":
            hop |= named_by(value)
    if codings and (codings != [b"chunked"] or length is not None):
        raise MalformedRequest({"reason": "transfer-encoding"})
    lines = [
        b"%b %b HTTP/1.1" % (scope["method"].encode(), target),
        b"host: " + authority,
        b"x-forwarded-proto: " + scope["scheme"].encode(),
    ]
    if client:
        lines.append(b"x-forwarded-for: " + client)
    if host:
        lines.append(b"x-forwarded-host: " + host)
    if codings:
        lines.append(b"transfer-encoding: chunked")
    elif length is not None:
        lines.append(b"content-length: " + length)
    lines += [b": ".join(pair) for pair in kept if pair[0] not in hop]
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    if head.count(b"\n") != len(lines) + 1 or head.count(b"\r") != len(lines) + 1 or b"\0" in head:
        raise MalformedRequest({"reason": "headers"})
    return head, None if codings else int(length or 0)


def framed(body: bytes, left: int | None, *, last: bool) -> bytes:
    """Frame a piece of the request's body: as a chunk, or checked against what is `left` to send.

    Raises:
        MalformedRequest: it is not as long as Content-Length says.
    """
    if left is None:
        chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        return chunk + b"0\r\n\r\n" if last else chunk
    if len(body) > left or (last and len(body) < left):
        raise MalformedRequest({"reason": "content-length"})
    return body


async def pump(connection: Connection, receive: Receive, left: int | None) -> None:
    """Send the rest of the request's body, then watch for the client to leave."""
    try:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                connection.fail(ClientGone())
                return
            body: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            await connection.write(framed(body, left, last=not more))
            left = None if left is None else left - len(body)
        connection.sent = True
        await connection.watch()
    except Exception as error:  # raised where the answer is awaited
        connection.fail(error)
