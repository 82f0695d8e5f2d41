"""What anyone may read of careers."""

from sqlalchemy import func
from sqlmodel import col, select

from libs.common.db import ReadSession
from libs.common.pagination import Page, Window, page
from libs.common.text import fold
from services.careers.errors import CareerNotFound
from services.careers.models import Career
from services.careers.rules import LICENSE, LICENSE_URL, credit
from services.careers.schemas import AttributionOut, CareerDetailOut, CareerOut


async def careers(session: ReadSession, q: str | None, paging: Window) -> Page[CareerOut]:
    """List occupations by code; with `q`, those whose title has each of its words."""
    words = fold(q or "").split()
    matching = [col(Career.title_folded).contains(word, autoescape=True) for word in words]
    listed = (
        select(Career.onet_code, Career.title_en, Career.short_desc_en)
        .where(*matching)
        .order_by(Career.onet_code)
    )
    rows = await session.exec(listed.limit(paging.limit).offset(paging.offset))
    items = [CareerOut.model_validate(row) for row in rows]
    total = await session.scalar(select(func.count()).select_from(Career).where(*matching))
    return page(items, total or 0, paging)


async def career(session: ReadSession, onet_code: str) -> CareerDetailOut:
    """Return one occupation.

    Raises:
        CareerNotFound: no occupation bears the code.
    """
    found = await session.get(Career, onet_code)
    if found is None:
        raise CareerNotFound
    attribution = AttributionOut(
        text=credit(found.source, found.source_version), license=LICENSE, license_url=LICENSE_URL
    )
    return CareerDetailOut.model_validate(found.model_dump() | {"attribution": attribution})
