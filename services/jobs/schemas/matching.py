"""How well jobs suit a candidate."""

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import Out
from services.jobs.matching import Factor
from services.jobs.schemas.jobs import JobOut


class ScoreOut(Out):
    """How well a job suits me, and which of its skills I have; in the employer's order."""

    percent: int = Field(ge=0, le=100, examples=[75])
    matched: list[str] = Field(examples=[["Java"]])
    missing: list[str] = Field(examples=[["Spring Boot"]])


class FactorOut(Out):
    """One part of a score."""

    factor: Factor
    percent: int = Field(ge=0, le=100)
    weight: int = Field(
        description="The whole is the sum of weight × percent, divided by the sum of the weights."
    )
    text: str = Field(description="In the caller's language.")


class MatchOut(ScoreOut):
    """The same of one job, explained by what both sides have told."""

    job_id: Id
    explanation: list[FactorOut]


class RecommendedJobOut(JobOut):
    """A job in a list of those that suit me."""

    match: ScoreOut
