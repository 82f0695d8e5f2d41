"""What clients see of the market: every number with its sample, its window and its filter.

Near-copies of a posting count once. Of fewer than ten postings there is no number, but a reason.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from libs.common.schemas import SnakeOut

Reason = Literal["TOO_FEW_POSTINGS"]
INSUFFICIENT = Field(description="Why there is no number; null where there is one.")


class SkillCountOut(SnakeOut):
    """A skill, and how many postings ask for it."""

    skill: str = Field(examples=["Python"])
    count: int = Field(examples=[245])
    percentage: float = Field(description="Of all postings of the window.", examples=[78.5])


class TechnologyCountOut(SnakeOut):
    """A technology as the source of the postings names it."""

    technology: str = Field(examples=["postgresql"])
    count: int
    percentage: float = Field(description="Of the postings whose source names any.")


class LocationCountOut(SnakeOut):
    """A place, and how many postings are there; a posting may be in several."""

    location: str = Field(examples=["San Francisco, CA"])
    count: int = Field(examples=[156])


class PercentilesOut(SnakeOut):
    """Amounts that so many percent of the postings do not exceed."""

    p10: int
    p25: int
    p50: int
    p75: int
    p90: int


class PayOut(SnakeOut):
    """What postings pay: of a range its middle, rounded to within 2.5 %."""

    currency: Literal["USD"] = "USD"
    period: Literal["year"] = "year"
    postings: int = Field(description="Looked at.")
    with_salary: int = Field(description="That tell what they pay.")
    percentiles: PercentilesOut | None
    insufficient_data: Reason | None = INSUFFICIENT


class SalaryRangeOut(SnakeOut):
    """How many postings pay in a range, in US dollars a year."""

    least: int = Field(description="Included.")
    below: int | None = Field(description="Not included; null: no bound.")
    count: int


class RemoteOut(SnakeOut):
    """How many postings are remote."""

    remote: int
    on_site: int
    unknown: int
    percentage: float | None = Field(description="Of those that tell.")
    insufficient_data: Reason | None = INSUFFICIENT


class SamplesOut(SnakeOut):
    """How many postings tell what."""

    with_skills: int
    with_location: int = Field(description="A known place, or remote.")
    with_technologies: int
    with_salary: int
    with_remote: int


class TrendingOut(SnakeOut):
    """What postings of the last days ask for (seed N)."""

    top_skills: list[SkillCountOut]
    top_locations: list[LocationCountOut]
    total_jobs_analyzed: int = Field(examples=[312])
    generated_at: datetime = Field(description="Since when the numbers are these.")
    window_days: int = Field(examples=[30])
    posted_from: date
    posted_to: date
    top_technologies: list[TechnologyCountOut]
    salaries: PayOut
    salary_ranges: list[SalaryRangeOut]
    remote: RemoteOut
    samples: SamplesOut
    insufficient_data: Reason | None = Field(
        description="Why the lists are empty; null where there are numbers."
    )


class PointOut(SnakeOut):
    """Some days of a series."""

    date_from: date
    date_to: date
    postings: int = Field(description="Posted on these days.")
    count: int | None = Field(description="Of them, those that ask for the skill.")
    percentage: float | None
    insufficient_data: Reason | None = INSUFFICIENT


class SeriesOut(SnakeOut):
    """How much a skill is asked for over time."""

    skill: str
    skill_id: int
    window_days: int
    step_days: int = Field(description="Days of a point; the first may have fewer.")
    total_jobs_analyzed: int
    generated_at: datetime
    points: list[PointOut]


class RoleCountOut(SnakeOut):
    """A role, and how many postings name it in their title."""

    role: str = Field(examples=["Backend Developer"])
    count: int
    percentage: float | None = Field(description="Of all postings of the window.")


class RolesOut(SnakeOut):
    """The roles that postings are counted under; a posting may name several."""

    roles: list[RoleCountOut]
    total_jobs_analyzed: int
    generated_at: datetime
    window_days: int
    insufficient_data: Reason | None = INSUFFICIENT


class RoleFilterOut(SnakeOut):
    """Which postings were looked at."""

    matched_by: Literal["role", "title"] | None = Field(
        description="By a known role, else by the words of their titles; null: all."
    )
    role: str | None = Field(examples=["Backend Developer"])
    title_words: list[str] = Field(description="Each of which a title has.")
    posted_from: date = Field(
        description="Later than the window's beginning where there are so many postings that only "
        "the newest were looked at."
    )
    posted_to: date


class SalariesOut(PayOut):
    """What postings of a role pay."""

    role: str | None = Field(description="As asked for.")
    window_days: int
    generated_at: datetime
    filter: RoleFilterOut
