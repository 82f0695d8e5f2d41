"""What clients see of learning (seed N §Learning)."""

from typing import Literal

from pydantic import Field

from libs.common.schemas import SnakeOut

ResourceType = Literal["Documentation", "Course", "Video", "Book"]
GapAnalysis = Literal["included", "unavailable", "insufficient_data", "skipped"]


class ResourceOut(SnakeOut):
    """Something to learn from."""

    type: ResourceType
    title: str = Field(examples=["Python documentation"])
    url: str = Field(examples=["https://docs.python.org/3/"])
    description: str


class SkillPathOut(SnakeOut):
    """A skill on the way to a role."""

    skill: str = Field(examples=["Python"])
    resources: list[ResourceOut] = Field(description="Empty where the catalogue has none.")
    is_missing: bool
    priority_score: float = Field(
        ge=0,
        le=100,
        description="How much it matters: the share of the role's postings, in percent, that ask "
        "for it, or for a missing skill that builds on it. Without postings, 50 for what the role "
        "usually needs and 0 for the rest.",
        examples=[72.3],
    )


class RoadmapOut(SnakeOut):
    """The way to a role: what is missing comes first, what others build on before them."""

    target_role: str | None = Field(
        description="Null for a person without target roles.", examples=["Software Engineer"]
    )
    skill_paths: list[SkillPathOut]
    total_skills: int
    missing_skills_count: int
    coverage_percentage: float | None = Field(
        description="How many percent of the role's skills I have; null where none are known.",
        examples=[62.5],
    )
    recommendations: list[str]
    gap_analysis: GapAnalysis = Field(
        description="Whether postings were looked at: `unavailable`, they could not be asked for; "
        "`insufficient_data`, there are too few; `skipped`, it was not wanted. Without them the "
        "way is made of what the role usually needs."
    )


class ResourceFilterOut(SnakeOut):
    """What a search was narrowed to."""

    resource_type: ResourceType | None
    limit: int
    offset: int


class ResourcesFoundOut(SnakeOut):
    """A page of what a search found."""

    resources: list[ResourceOut]
    total_found: int
    search_query: str
    filters_applied: ResourceFilterOut
