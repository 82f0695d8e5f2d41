"""The few calls from one service to another.

A peer is an ASGI app: the other service itself in one process, a reverse proxy to it across
containers. It is asked on behalf of the caller whose token is passed on, and only what may be asked
twice: reads, and commands that are idempotent.
"""

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import orjson

from libs.common import context, tracing
from libs.common.asgi import Answer, AsgiApp, call
from libs.common.errors import ServiceUnavailable

log = logging.getLogger(__name__)

_ATTEMPTS = 2
_OPENS_AFTER_FAILURES = 5
_OPEN_SECONDS = 2.0


class Peer:
    """Another service, asked with a deadline, one retry, and a breaker.

    After five failures in a row nothing is asked for two seconds: a service that is down costs
    its callers an error, not a wait.
    """

    def __init__(self, name: str, app: AsgiApp, *, deadline_seconds: float = 3.0) -> None:
        self.name = name
        self._app = app
        self._deadline = deadline_seconds
        self._failures = 0
        self._closed_again_at = 0.0

    async def get(
        self, path: str, token: str | None = None, query: Mapping[str, object] | None = None
    ) -> Any:
        """Return the JSON at `path`, or None where the peer answers 404.

        Raises:
            ServiceUnavailable: no usable answer within the deadline.
        """
        answer = await self._answer("GET", path, token, {200, 404}, urlencode(query or {}))
        return orjson.loads(answer.body) if answer.status == 200 else None

    async def post(self, path: str, token: str | None = None) -> dict[str, Any] | None:
        """Have the peer do what `path` names, without a body; it must not mind being asked twice.

        Returns:
            None where it did (200); where the state of things there does not allow it (409), why:
            the answer's `code` and `details`.

        Raises:
            ServiceUnavailable: no usable answer within the deadline; it may be done all the same.
        """
        answer = await self._answer("POST", path, token, {200, 409})
        if answer.status == 200:
            return None
        refused: dict[str, Any] = orjson.loads(answer.body)["error"]
        return refused

    async def _answer(
        self, method: str, path: str, token: str | None, usable: set[int], query: str = ""
    ) -> Answer:
        if monotonic() < self._closed_again_at:
            raise ServiceUnavailable({"service": self.name})
        for _ in range(_ATTEMPTS):
            answer = await self._ask(method, path, token, query)
            if answer.status in usable:
                self._failures = 0
                return answer
        self._failures += 1
        if self._failures >= _OPENS_AFTER_FAILURES:
            self._closed_again_at = monotonic() + _OPEN_SECONDS
        raise ServiceUnavailable({"service": self.name})

    async def _ask(self, method: str, path: str, token: str | None, query: str) -> Answer:
        about = {"http.request.method": method, "url.path": path, "peer.service": self.name}
        asked = query.encode()
        try:
            with tracing.spanned("CLIENT", f"{method} {self.name}", about):
                headers = _headers(token)
                async with asyncio.timeout(self._deadline):
                    return await call(self._app, method, path, query=asked, headers=headers)
        except Exception as error:
            # Whatever went wrong over there, it is no answer.
            log.warning("%s did not answer %s %s: %r", self.name, method, path, error)
            return Answer()


def _headers(token: str | None) -> dict[str, str]:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    here = context.current()
    if here is not None:
        headers |= {"x-request-id": here.request_id, "traceparent": here.traceparent}
    return headers
