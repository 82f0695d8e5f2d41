"""Answers that anybody may keep for a while: an `ETag`, and no second sending of the same."""

from collections.abc import Callable
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

    def finished(self, request: Request, response: Response) -> Response:
        """Tag an answer; send 304 in its place where `If-None-Match` names its tag."""
        headers = response.headers
        tag = headers.get("etag")
        if tag is None:
            tag = headers["ETag"] = f'"{blake2b(response.body, digest_size=16).hexdigest()}"'
        headers.append("Cache-Control", CACHE_CONTROL)
        asked = request.headers.get("if-none-match")
        # a proxy that recodes the body makes the tag weak
        if asked is None or not {tag, "*"} & {
            each.strip().removeprefix("W/") for each in asked.split(",")
        }:
            return response
        kept = {k: v for k, v in headers.items() if not k.startswith("content-")}
        return Response(status_code=304, headers=kept)
