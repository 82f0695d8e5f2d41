"""Answers that anybody may keep for a while: an `ETag`, and no second sending of the same."""

from collections.abc import Callable, Coroutine
from hashlib import blake2b
from typing import Any

from fastapi import Request, Response

from libs.common.envelope import EnvelopeRoute
from libs.common.openapi import with_headers

CACHE_CONTROL = "public, max-age=3600"
_HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "For `If-None-Match`."},
    "Cache-Control": {"schema": {"type": "string", "examples": [CACHE_CONTROL]}},
}


class CachedRoute(EnvelopeRoute):
    """A route whose successes bear a strong `ETag` and are not sent twice (RFC 9110 §13.1.2).

    The tag is made of the whole body, unless the endpoint gives one.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.responses[200] = with_headers(self.responses.get(200), _HEADERS)
        self.responses[304] = {"description": "As it was when it bore a tag in `If-None-Match`."}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Tag what the endpoint answers; leave out the body that the caller has."""
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            return _unless_held(await handle(request), request.headers.get("if-none-match", ""))

        return tagged


def _unless_held(response: Response, asked: str) -> Response:
    """Return the answer, or 304 in its place where `If-None-Match` names its tag."""
    if "etag" not in response.headers:
        response.headers["ETag"] = f'"{blake2b(response.body, digest_size=16).hexdigest()}"'
    response.headers["Cache-Control"] = CACHE_CONTROL
    # a proxy that recodes the body makes the tag weak
    held = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if not held & {response.headers["ETag"], "*"}:
        return response
    kept = {k: v for k, v in response.headers.items() if not k.startswith("content-")}
    return Response(status_code=304, headers=kept)
