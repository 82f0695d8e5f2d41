"""Skills and categories (seed B 4.8), and what admins do to them."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from libs.common.reference import CATEGORY_OF_KIND
from libs.common.schemas import In, Label, Out
from libs.common.text import fold
from services.jobs.schemas.fields import ReferenceId, kept


def _with_letters(name: str) -> str:
    if not any(map(str.isalnum, fold(name))):
        raise ValueError("must have a letter or digit")
    return name


def _known(kind: str) -> str:
    if kind not in CATEGORY_OF_KIND:
        raise ValueError("must be one of " + ", ".join(CATEGORY_OF_KIND))
    return kind


Name = Annotated[Label, AfterValidator(_with_letters)]
Aliases = Annotated[list[Name], Field(max_length=50)]
Kind = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "enum": list(CATEGORY_OF_KIND)}),
]


class SkillOut(Out):
    """A skill."""

    id: int
    name: str


class CategoryOut(Out):
    """A field of work."""

    id: int
    name: str


class NewSkillIn(In):
    """A skill to be added."""

    name: Name = Field(examples=["Bun"])
    kind: Kind = Field("tool", description="What sort of thing it is.")
    aliases: Aliases = Field([], description="Other ways to write it.", examples=[["Bun.js"]])


class SkillChangesIn(In):
    """Changes of a skill: what is absent stays."""

    name: Name = kept(description="The old name becomes an alias.", examples=["Bun"])
    aliases: Aliases = kept(description="All of them anew.", examples=[["Bun.js"]])


class NewCategoryIn(In):
    """A field of work to be added."""

    name_vi: Name = Field(examples=["Công nghệ sinh học"])
    name_en: Name = Field(examples=["Biotechnology"])
    aliases: Aliases = Field([], description="Other ways to write it.", examples=[["Biotech"]])


class CategoryChangesIn(In):
    """Changes of a field of work: what is absent stays."""

    name_vi: Name = kept(description="The old name becomes an alias.")
    name_en: Name = kept(description="The old name becomes an alias.")
    aliases: Aliases = kept(description="All of them anew.", examples=[["Biotech"]])


class MergeIn(In):
    """What an entry turned out to be."""

    into_id: ReferenceId = Field(description="The one that stays.", examples=[1])


class TendedSkillOut(Out):
    """A skill as an admin sees it."""

    id: int
    name: str
    kind: str
    aliases: list[str] = Field(description="Other ways to write it.")


class TendedCategoryOut(Out):
    """A field of work as an admin sees it."""

    id: int
    name_vi: str
    name_en: str
    aliases: list[str] = Field(description="Other ways to write it.")
