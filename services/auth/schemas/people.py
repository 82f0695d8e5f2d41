"""The person behind an account."""

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.common.schemas import Out


class CompanyBriefOut(Out):
    """The company that an employer is linked with."""

    id: UUID
    name: str


class MeOut(Out):
    """The caller himself; `ssn` is null until he tells it, `company` for all but employers."""

    id: UUID
    username: str
    email: str
    phone: str | None = Field(examples=["0909123456"])
    name: str
    address: str | None
    user_type: str
    ssn: str | None = None
    dob: date | None
    avatar: str | None
    company: CompanyBriefOut | None
