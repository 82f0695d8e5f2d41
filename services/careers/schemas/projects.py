"""What clients see of projects (seed N §Projects)."""

from typing import Literal

from pydantic import Field

from libs.common.schemas import SnakeOut

Difficulty = Literal["Beginner", "Intermediate", "Advanced"]


class ProjectIdeaOut(SnakeOut):
    """An idea for a project."""

    id: int
    title: str = Field(examples=["Personal portfolio site"])
    description: str
    difficulty: Difficulty
    estimated_time: str = Field(examples=["1-2 weeks"])
    skills: list[str] = Field(examples=[["HTML", "CSS", "JavaScript"]])
    features: list[str]


class ProjectOut(ProjectIdeaOut):
    """An idea, set against what the caller can."""

    skill_match_percentage: float = Field(
        description="Share of its skills that I have.", examples=[75.0]
    )
    missing_skills: list[str]


class RecommendationFilterOut(SnakeOut):
    """What recommendations were narrowed to."""

    difficulty: Difficulty | None
    skill_focus: list[str]
    limit: int


class RecommendationsOut(SnakeOut):
    """Projects that suit the caller, and advice."""

    projects: list[ProjectOut]
    total_projects: int = Field(description="That pass the filters, shown or not.")
    filters_applied: RecommendationFilterOut
    user_skill_count: int
    recommendations: list[str]


class ProjectFilterOut(SnakeOut):
    """What a search was narrowed to."""

    skills: list[str]
    difficulty: Difficulty | None
    limit: int
    offset: int


class ProjectsFoundOut(SnakeOut):
    """A page of what a search found."""

    projects: list[ProjectIdeaOut]
    total_found: int
    search_query: str
    filters_applied: ProjectFilterOut
