"""Endpoints of the market's postings: all public, all read-only."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.schemas import tidy
from libs.common.service import Read, service_router
from services.ingestion.errors import PostingNotFound
from services.ingestion.queries import postings
from services.ingestion.schemas.postings import PostingDetailOut, PostingOut

router = service_router("ingestion")

Words = Annotated[
    str | None,
    Query(max_length=100, description="Words of the title; case and diacritics do not matter."),
    AfterValidator(tidy),
]
Company = Annotated[
    str | None,
    Query(max_length=100, description="Part of the name; case and diacritics do not matter."),
    AfterValidator(tidy),
]
Remote = Annotated[bool | None, Query(description="Only those that are, or are not, remote.")]


@router.get("/market/postings")
async def list_postings(
    session: Read,
    paging: Paging,
    q: Words = None,
    company: Company = None,
    remote: Remote = None,
) -> Page[PostingOut]:
    """List postings found elsewhere, the newest first."""
    return await postings.postings(session, q, company, remote, paging)


@router.get("/market/postings/{posting_id}", responses=openapi_errors(PostingNotFound))
async def read_posting(session: Read, posting_id: Id) -> PostingDetailOut:
    """Read one posting with its whole text."""
    return await postings.posting(session, posting_id)
