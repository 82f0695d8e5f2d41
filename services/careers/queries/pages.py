"""The prebuilt page of an occupation: one read by primary key at most, and passed on."""

from libs.common.context import language
from libs.common.db import Database
from libs.common.envelope import SqlJson
from services.careers.errors import CareerNotFound
from services.careers.kept_pages import kept_pages
from services.careers.schemas.occupations import CareerPageOut


async def career_page(db: Database, onet_code: str) -> SqlJson[CareerPageOut]:
    """Return the page of an occupation as the loader built it.

    Raises:
        CareerNotFound: no occupation bears the code.
    """
    found = await kept_pages(db).read(db.rows, onet_code)
    if found is None:
        raise CareerNotFound
    page, etag = found
    # what is tagged is the whole envelope, whose message speaks the caller's language
    return SqlJson(page.encode(), {"ETag": f'"{etag}-{language()}"'})
