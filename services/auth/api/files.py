"""Stored files, for whoever has been shown the link."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from libs.common.files import seconds_left
from libs.common.openapi import Responses, openapi_errors
from libs.common.service import Running, service_router
from libs.common.storage import ObjectNotFound
from services.auth import files
from services.auth.errors import FileLinkInvalid

router = service_router("auth")

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = dict.fromkeys(files.CONTENT_TYPES.values(), _BYTES)
_FILE: Responses = {200: {"description": "The file.", "content": _CONTENT}}
Part = Annotated[str, Query(description="As in the link that was shown.")]


@router.get(
    "/files/{folder}/{account_id}/{name}",
    response_class=StreamingResponse,
    responses=_FILE | openapi_errors(FileLinkInvalid, ObjectNotFound),
)
async def get_file(
    folder: str,
    account_id: str,
    name: str,
    running: Running,
    expires: Part = "",
    signature: Part = "",
) -> StreamingResponse:
    """Send a picture or a CV; the signed link is the permission, and good for a while."""
    key = f"{folder}/{account_id}/{name}"
    left = seconds_left(running.settings, key, expires, signature)
    if not left:
        raise FileLinkInvalid
    return await files.answer(running, key, left)
