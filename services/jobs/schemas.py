"""What clients send and see of jobs, skills and categories (seed B 4.5, 4.8)."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from libs.common import clock
from libs.common.ids import Id
from libs.common.schemas import Day, In, Out
from services.jobs.salary import LARGEST, Currency, Period


def _in_future(day: date) -> date:
    if day <= clock.local_date(clock.now()):
        raise ValueError("must be later than today (in Vietnam)")
    return day


LastDay = Annotated[Day, Field(lt=date(2100, 1, 1)), AfterValidator(_in_future)]
Short = Annotated[str, Field(min_length=1, max_length=50)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
ReferenceId = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
ReferenceIds = Annotated[
    list[ReferenceId],
    Field(min_length=1, max_length=50),
    AfterValidator(lambda ids: list(dict.fromkeys(ids))),
]


class JobInfoIn(In):
    """What a job is called, and how long it is open."""

    title: Line = Field(examples=["Senior Backend Developer"])
    expire_date: LastDay = Field(
        description="The last day on which it is open, in Vietnam's time.", examples=["2099-12-31"]
    )


class JdInfoIn(In):
    """What a job offers and asks for."""

    location: Line = Field(examples=["Ho Chi Minh"])
    salary: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="As it is to be shown.", examples=["2000-3000 USD"]
    )
    salary_min: Amount | None = Field(None, description="In whole units of `currency`.")
    salary_max: Amount | None = Field(None, description="In whole units of `currency`.")
    currency: Currency = Field("USD", description="ISO 4217; of salaryMin and salaryMax.")
    period: Period = Field("month", description="What salaryMin and salaryMax are paid for.")
    quantity: int = Field(1, strict=True, ge=1, le=10_000, description="Openings.")
    exp_year: int = Field(0, strict=True, ge=0, le=60, description="Years of experience.")
    level: Short | None = Field(None, examples=["Senior"])
    contract_type: Short | None = Field(None, examples=["Fulltime"])
    job_type: Short | None = Field(None, examples=["Hybrid"])
    description: Prose = Field(examples=["Mô tả công việc chi tiết..."])
    requirements: Prose | None = None
    benefits: Prose | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        least, most = self.salary_min, self.salary_max
        if least is not None and most is not None and least > most:
            raise ValueError("salaryMin must not be over salaryMax")
        return self


class PostJobIn(In):
    """A job to be posted."""

    job_info: JobInfoIn
    jd_info: JdInfoIn
    skill_ids: ReferenceIds = Field(examples=[[1, 2]])
    category_ids: ReferenceIds = Field(examples=[[5]])


class PostedJobOut(Out):
    """A job just posted."""

    job_id: Id
    title: str
    post_date: date


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
    status: str = Field(examples=["Active"])


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


class JobDetailOut(Out):
    """A job in full."""

    job_info: JobInfoOut
    company: CompanyOut
    jd: JdOut
    skills: list[str]
    categories: list[str]


class SkillOut(Out):
    """A skill of the reference data."""

    id: int
    name: str


class CategoryOut(Out):
    """A field of work."""

    id: int
    name: str
