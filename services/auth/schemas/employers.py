"""Employers and their companies."""

from datetime import date
from typing import Annotated

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import In, Label, Line, Out, Short
from libs.common.urls import HttpsUrl, WebUrl
from services.auth.schemas.fields import Name, PastDay, Phone, kept

TaxNumber = Annotated[str, Field(pattern=r"^[0-9]{10}(-[0-9]{3})?$")]
"""A Vietnamese tax code: 10 digits, for a branch followed by - and 3 more."""


class CompanyIn(In):
    """A company, complete enough to post jobs."""

    tax_number: TaxNumber = Field(
        description="A Vietnamese tax code: 10 digits, for a branch followed by - and 3 more.",
        examples=["0101234567"],
    )
    name: Line = Field(examples=["Tech Solutions Inc."])
    founded_date: PastDay | None = Field(
        None, description="From 1700-01-01 on, not in the future.", examples=["2010-10-10"]
    )
    industry: Line | None = Field(None, examples=["Software Outsourcing"])
    size: Short | None = Field(None, examples=["100-500"])
    country: Label = Field(examples=["Vietnam"])
    website: WebUrl = Field(examples=["https://techsolutions.com"])


class CompanyCreatedOut(Out):
    """A company just made, and linked with the employer who made it."""

    company_id: Id
    name: str


class CompanyOut(Out):
    """A company as everybody sees it."""

    id: Id
    name: str
    tax_number: str | None = Field(description="Null where the company is nobody's any more.")
    founded_date: date | None
    industry: str | None
    size: str | None
    country: str | None
    website: str | None
    address: str | None
    logo_url: str | None


class CompanyInfoIn(In):
    """Changes of a company: what is absent stays, null clears where a company may do without."""

    tax_number: TaxNumber = kept()
    name: Line = kept(examples=["Tech Solutions Inc."])
    founded_date: PastDay | None = kept()
    industry: Line | None = kept()
    size: Short | None = kept(examples=["500-1000"])
    country: Label = kept()
    website: WebUrl = kept(examples=["https://new-domain.com"])
    address: Line | None = kept(examples=["Hà Nội"])
    logo_url: HttpsUrl | None = kept()


class EmployerIn(In):
    """Changes of an employer: what is absent stays, null clears."""

    name: Name = kept(examples=["Trần Văn Tuyển Dụng"])
    phone: Phone | None = kept(examples=["0912345678"])
    address: Line | None = kept(examples=["Tầng 5, Tòa nhà ABC, Hà Nội"])
    company_info: CompanyInfoIn | None = Field(
        None, description="Of the company that the employer is linked with."
    )


class CompanyLinkOut(Out):
    """An employer's company, as he sees it."""

    id: Id
    name: str
    website: str | None


class EmployerChangedOut(Out):
    """An employer now."""

    employer_id: Id
    name: str
    company: CompanyLinkOut | None


class CompanyCardOut(Out):
    """An employer's company, as everybody sees it."""

    id: Id
    name: str
    industry: str | None = Field(examples=["Software Outsourcing"])
    address: str | None = Field(examples=["Hà Nội"])


class RatingOut(Out):
    """What those who were accepted for an employer's jobs make of them."""

    average: float | None = Field(
        description="1 to 5, to one decimal; null where nobody has rated one.", examples=[4.5]
    )
    count: int


class EmployerOut(Out):
    """An employer as everybody sees him."""

    id: Id
    name: str
    avatar: str | None
    company: CompanyCardOut | None
    active_jobs: int = Field(description="Jobs that can be applied to now.", examples=[5])
    rating: RatingOut
