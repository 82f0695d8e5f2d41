"""What anyone may read of the market's postings."""

from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from libs.common.pagination import Page, Window, page
from libs.common.sessions import ReadSession
from libs.common.text import fold
from services.ingestion.errors import PostingNotFound
from services.ingestion.models import Posting
from services.ingestion.schemas.postings import PostingDetailOut, PostingOut

# Named one by one, so that the long description stays where it is.
_LISTED = [getattr(Posting, name) for name in PostingOut.model_fields]


async def postings(
    session: ReadSession, q: str | None, company: str | None, remote: bool | None, paging: Window
) -> Page[PostingOut]:
    """List postings, the newest first and those without a date last.

    With `q`, those whose title has each of its words; with `company`, those whose company's name
    has it; with `remote`, those that say so, or say not so.
    """
    wanted: list[Any] = [
        col(Posting.title_folded).contains(word, autoescape=True) for word in fold(q or "").split()
    ]
    if company is not None:
        part = fold(company).strip()
        wanted.append(col(Posting.company_folded).contains(part, autoescape=True))
    if remote is not None:
        wanted.append(col(Posting.remote) == remote)
    newest = col(Posting.date_posted).desc().nulls_last(), col(Posting.id).desc()
    listed = select(*_LISTED).where(*wanted).order_by(*newest)
    rows = await session.execute(listed.limit(paging.limit).offset(paging.offset))
    items = [PostingOut.model_validate(row) for row in rows]
    total = await session.scalar(select(func.count()).select_from(Posting).where(*wanted))
    return page(items, total or 0, paging)


async def posting(session: ReadSession, posting_id: UUID) -> PostingDetailOut:
    """Return one posting.

    Raises:
        PostingNotFound: there is none with this id.
    """
    found = await session.get(Posting, posting_id)
    if found is None:
        raise PostingNotFound
    return PostingDetailOut.model_validate(found)
