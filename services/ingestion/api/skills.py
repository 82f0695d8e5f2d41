"""Which skills a posting or a CV names, for anybody who has the text."""

import asyncio
from typing import Annotated

from fastapi import Depends, Request

from libs.common.envelope import JSON
from libs.common.errors import (
    ContentTooLarge,
    MalformedJson,
    UnsupportedMediaType,
    ValidationError,
)
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.service import service_router
from libs.common.uploads import MULTIPART, media_type_of, read_json, read_upload, uploading
from services.ingestion import documents
from services.ingestion.extraction import extracted
from services.ingestion.schemas.skills import ExtractedOut, ExtractIn

router = service_router("ingestion")


async def _text(request: Request) -> str:
    match media_type_of(request):
        case "application/json":
            return (await read_json(request, ExtractIn, limit=1024 * 1024)).text
        case "multipart/form-data":
            upload = await read_upload(request, documents.MAX_BYTES)
            return await asyncio.to_thread(documents.text_of, upload.data)
        case _:
            raise UnsupportedMediaType({"accepted": [JSON, MULTIPART]})


@router.post(
    "/skills/extract",
    openapi_extra=uploading(
        "A PDF, a DOCX, or plain text in UTF-8, of at most 5 MiB.",
        or_json=ExtractIn.model_json_schema(),
    )
    | rate_limited("extract", 60, 60),
    responses=openapi_errors(
        *(UnsupportedMediaType, ContentTooLarge, MalformedJson, ValidationError)
    ),
)
async def extract_skills(text: Annotated[str, Depends(_text)]) -> ExtractedOut:
    """Find the skills that a text or a document names; nothing of it is kept."""
    return ExtractedOut.model_validate(await asyncio.to_thread(extracted, text))
