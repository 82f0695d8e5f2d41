"""The prebuilt page of an occupation: one read by primary key, whose answer is passed on."""

from libs.common.context import language
from libs.common.envelope import SqlJson
from libs.common.rows import Rows
from services.careers.errors import CareerNotFound
from services.careers.schemas.occupations import CareerPageOut

_PAGE = "SELECT page, etag FROM career_pages WHERE onet_code = :onet_code"


async def career_page(rows: Rows, onet_code: str) -> SqlJson[CareerPageOut]:
    """Return the page of an occupation as the loader built it.

    Raises:
        CareerNotFound: no occupation bears the code.
    """
    found = await rows.read(_PAGE, onet_code=onet_code)
    if not found:
        raise CareerNotFound
    [(page, etag)] = found
    # what is tagged is the whole envelope, whose message speaks the caller's language
    return SqlJson(page.encode(), {"ETag": f'"{etag}-{language()}"'})
