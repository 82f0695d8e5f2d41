"""A job as everyone sees it (seed B 4.5)."""

from datetime import date

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import Out
from services.jobs.rules import Status


class JobOut(Out):
    """A job in a list."""

    job_id: Id
    title: str
    company_name: str
    logo_url: str | None
    salary: str = Field(examples=["2000-3000 USD"])
    location: str
    skills: list[str]
    post_date: date


class JobInfoOut(Out):
    """What a job is called, and how long it is open."""

    id: Id
    title: str
    expire_date: date
    view_count: int
    status: Status = Field(examples=["Active"])


class CompanyOut(Out):
    """Who offers a job."""

    id: Id
    name: str
    avatar: str | None


class JdOut(Out):
    """What a job offers and asks for."""

    description: str
    requirements: str | None
    benefits: str | None
    location: str
    job_type: str | None


class RatingOut(Out):
    """What those who were accepted for a job make of it."""

    average: float | None = Field(
        description="1 to 5, to one decimal; null where nobody has rated it.", examples=[4.5]
    )
    count: int


class JobDetailOut(Out):
    """A job in full."""

    job_info: JobInfoOut
    company: CompanyOut
    jd: JdOut
    skills: list[str]
    categories: list[str]
    rating: RatingOut
