"""What clients see of what they lack for a role."""

from pydantic import Field

from libs.common.schemas import SnakeOut
from services.ingestion.schemas.market import RoleFilterOut


class RequiredSkillOut(SnakeOut):
    """A skill that many postings of the role ask for."""

    skill: str = Field(examples=["Docker"])
    required_percentage: float = Field(description="Of the postings.", examples=[45.2])
    user_has: bool


class GapOut(SnakeOut):
    """What postings of a role ask for, beside what I can (seed N)."""

    role: str = Field(examples=["Software Engineer"])
    total_postings_analyzed: int = Field(examples=[156])
    required_skills: list[RequiredSkillOut] = Field(
        description="Most asked for first; but for the trade that the role is named by."
    )
    missing_skills: list[str] = Field(examples=[["Docker", "Kubernetes", "AWS"]])
    coverage_percentage: float | None = Field(
        description="How many percent of the required skills I have; null where none is required."
    )
    skill_match_count: int = Field(examples=[8])
    total_required_skills: int = Field(examples=[12])
    window_days: int
    threshold: float
    filter: RoleFilterOut
