"""What an employer sends of a job (seed B 4.5)."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from libs.common.ids import Id
from libs.common.reference.salary import Currency, Period
from libs.common.schemas import In, Label, Line, Out, Short
from services.jobs.rules import Status
from services.jobs.schemas.fields import (
    Amount,
    AnyLastDay,
    LastDay,
    Prose,
    ReferenceIds,
    kept,
)


class JobInfoIn(In):
    """What a job is called, and how long it is open."""

    title: Line = Field(examples=["Senior Backend Developer"])
    expire_date: LastDay = Field(
        description="The last day on which it is open, in Vietnam's time.", examples=["2099-12-31"]
    )


class JdInfoIn(In):
    """What a job offers and asks for."""

    location: Line = Field(examples=["Ho Chi Minh"])
    salary: Label | None = Field(
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


class JobInfoChangesIn(In):
    """Changes of what a job is called, and of how long it is open: what is absent stays."""

    title: Line = kept(examples=["Lead Backend Developer"])
    expire_date: AnyLastDay = kept(
        description="The last day on which it is open, in Vietnam's time: later than today, or"
        " as it is. A later one opens an expired job.",
        examples=["2099-12-31"],
    )
    status: Annotated[Literal["Active", "Hidden"], AfterValidator(Status)] = kept(
        examples=["Active"]
    )


class JdInfoChangesIn(In):
    """Changes of what a job offers and asks for: what is absent stays, null clears.

    A new `salary` replaces the figures too; new figures alone replace the text.
    """

    location: Line = kept()
    salary: Label | None = kept(examples=["Up to 4000 USD"])
    salary_min: Amount | None = kept()
    salary_max: Amount | None = kept()
    currency: Currency = kept()
    period: Period = kept()
    quantity: int = kept(strict=True, ge=1, le=10_000)
    exp_year: int = kept(strict=True, ge=0, le=60)
    level: Short | None = kept()
    contract_type: Short | None = kept()
    job_type: Short | None = kept()
    description: Prose = kept()
    requirements: Prose | None = kept()
    benefits: Prose | None = kept()


class UpdateJobIn(In):
    """Changes of a job: what is absent stays."""

    job_info: JobInfoChangesIn = Field(default_factory=JobInfoChangesIn)
    jd_info: JdInfoChangesIn = Field(default_factory=JdInfoChangesIn)
    skill_ids: ReferenceIds = kept(description="All of them anew.", examples=[[1, 2]])
    category_ids: ReferenceIds = kept(description="All of them anew.", examples=[[5]])


class UpdatedJobOut(Out):
    """A job just changed."""

    job_id: Id
    updated_at: datetime
