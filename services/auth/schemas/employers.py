"""Employers and their companies."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from libs.common.schemas import In, Out
from libs.common.urls import WebUrl
from services.auth.schemas.fields import Label, Line, PastDay


class CompanyIn(In):
    """A company, complete enough to post jobs."""

    tax_number: str = Field(
        pattern=r"^[0-9]{10}(-[0-9]{3})?$",
        description="A Vietnamese tax code: 10 digits, for a branch followed by - and 3 more.",
        examples=["0101234567"],
    )
    name: Line = Field(examples=["Tech Solutions Inc."])
    founded_date: PastDay | None = Field(
        None, description="From 1700-01-01 on, not in the future.", examples=["2010-10-10"]
    )
    industry: Line | None = Field(None, examples=["Software Outsourcing"])
    size: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = Field(
        None, examples=["100-500"]
    )
    country: Label = Field(examples=["Vietnam"])
    website: WebUrl = Field(examples=["https://techsolutions.com"])


class CompanyCreatedOut(Out):
    """A company just made, and linked with the employer who made it."""

    company_id: UUID
    name: str


class CompanyOut(Out):
    """A company as everybody sees it."""

    id: UUID
    name: str
    tax_number: str
    founded_date: date | None
    industry: str | None
    size: str | None
    country: str | None
    website: str | None
    address: str | None
    logo_url: str | None
