"""Uploads: the one field `file` of a multipart body (RFC 7578), never read beyond a limit."""

from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import pydantic
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from libs.common.errors import ContentTooLarge, UnsupportedMediaType

MULTIPART = "multipart/form-data"
FIELD = "file"
M = TypeVar("M", bound=pydantic.BaseModel)
_FRAMING = 16 * 1024  # bytes: boundaries and part headers


class _Parser(MultiPartParser):
    spool_max_size = 0  # in memory: what comes is bounded already

    def close(self) -> None:
        """Let go of the files; `parse` itself forgets those of a form that breaks off."""
        for file in self._files_to_close_on_error:
            file.close()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a client sent it; neither name nor content was looked at."""

    name: str
    data: bytes


def uploading(what: str, *, or_json: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a route's `openapi_extra=` for an upload of `what`; or for JSON of that schema."""
    file = {"type": "string", "format": "binary", "description": what}
    form = {
        "type": "object",
        "required": [FIELD],
        "properties": {FIELD: file},
        "additionalProperties": False,
    }
    content = {MULTIPART: {"schema": form}}
    if or_json is not None:
        content = {"application/json": {"schema": or_json}, **content}
    return {"requestBody": {"required": True, "content": content}}


def media_type_of(request: Request) -> str:
    """Return the media type of a request's body: in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_upload(request: Request, limit: int) -> Upload:
    """Read the field `file`, of at most `limit` bytes.

    Raises:
        UnsupportedMediaType: the body is no multipart form.
        ContentTooLarge: it is over the limit; the rest was not read.
        RequestValidationError: the form is broken, or has other fields, or lacks this one.
    """
    if media_type_of(request) != MULTIPART:
        raise UnsupportedMediaType({"accepted": [MULTIPART]})
    stream = limited(request, limit, _FRAMING)
    with closing(_Parser(request.headers, stream, max_files=1, max_fields=0)) as parser:
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise _wrong((), error.message, "multipart_invalid") from error
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            raise _wrong((FIELD,), "Field required", "missing")
        data = await file.read()
    if len(data) > limit:
        raise ContentTooLarge({"limit": limit})
    return Upload(file.filename or "", data)


async def read_json(request: Request, model: type[M], limit: int) -> M:
    """Read a JSON body of at most `limit` bytes, where a route takes JSON or an upload.

    Raises:
        ContentTooLarge: it is over the limit; the rest was not read.
        RequestValidationError: it is no JSON, or not what the model wants.
    """
    body = b"".join([chunk async for chunk in limited(request, limit)])
    try:
        return model.model_validate_json(body)
    except pydantic.ValidationError as error:
        wrong = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(wrong) from error


async def limited(request: Request, limit: int, framing: int = 0) -> AsyncGenerator[bytes, None]:
    """Yield a request's body as it comes.

    Raises:
        ContentTooLarge: it is, or says that it is, over `limit` bytes and those of its `framing`.
    """
    if int(request.headers.get("content-length", "0")) > limit + framing:
        raise ContentTooLarge({"limit": limit})
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > limit + framing:
            raise ContentTooLarge({"limit": limit})
        yield chunk


def _wrong(place: tuple[str, ...], message: str, kind: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", *place), "msg": message, "type": kind}])
