"""What clients send and see of the skills that a text names."""

from typing import Any

from pydantic import ConfigDict, Field, field_validator

from libs.common.reference import SkillCategory
from libs.common.schemas import In, SnakeOut, tidy


class ExtractIn(In):
    """A text whose skills are wanted."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str = Field(
        min_length=1,
        max_length=200_000,
        pattern=r"\S",
        description="A posting or a CV: plain text, Markdown or HTML; English or Vietnamese.",
        examples=["Senior Python developer: Django, PostgreSQL, AWS; Go is a plus."],
    )

    # The text stays as it came, for offsets are told in it: both stand in for those of `In`.
    @field_validator("text", mode="before")
    @classmethod
    def _composed(cls, text: Any) -> Any:
        return text

    @field_validator("text", mode="after")
    @classmethod
    def _tidy(cls, text: str) -> str:
        tidy(text)  # refuses what is refused anywhere
        return text


class SkillFoundOut(SnakeOut):
    """A skill that a text names."""

    name: str = Field(examples=["PostgreSQL"])
    category: SkillCategory
    offsets: list[tuple[int, int]] = Field(
        description="Where it stands: first character, and the one after the last, counted in "
        "Unicode code points of the text as it was sent. Of a document, in its text as read.",
        examples=[[[26, 36]]],
    )
    confidence: float = Field(ge=0, le=1, description="How probable it is that it is meant.")


class ExtractedOut(SnakeOut):
    """The skills of a text."""

    skills: list[SkillFoundOut]
    categories: dict[SkillCategory, list[str]] = Field(description="Their names, by category.")
