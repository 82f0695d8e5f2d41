"""What clients see of the market's postings."""

from datetime import date, datetime

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import SnakeOut


class PostingOut(SnakeOut):
    """A posting in a list; what its source does not tell is null."""

    id: Id
    title: str = Field(examples=["Backend Engineer"])
    company: str | None
    location: str | None = Field(examples=["Hà Nội"])
    url: str = Field(description="Where it was found, without tracking parameters.")
    date_posted: date | None
    salary_string: str | None = Field(description="As written.", examples=["$125-200k"])
    remote: bool | None
    source: str
    scraped_at: datetime = Field(description="When it was first found.")
    updated_at: datetime = Field(description="When its content last changed.")


class PostingDetailOut(PostingOut):
    """A posting with its whole text."""

    description: str | None = Field(description="Plain text or light Markdown.")
