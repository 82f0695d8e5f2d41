"""The person behind an account."""

from datetime import date
from typing import Annotated

from pydantic import Field

from libs.common.identity import Role
from libs.common.ids import Id
from libs.common.schemas import In, Label, Line, Out, SnakeOut
from services.auth.schemas.fields import MAX_SKILLS, Email, Name, PastDay, kept

Ssn = Annotated[str, Field(pattern=r"^[0-9]{9}([0-9]{3})?$")]
"""The number of a Vietnamese identity document: 12 digits, of an old one 9."""


class CompanyBriefOut(Out):
    """The company that an employer is linked with."""

    id: Id
    name: str


class MeOut(Out):
    """The caller himself; `ssn` is null until he tells it, `company` for all but employers."""

    id: Id
    username: str
    email: str
    phone: str | None = Field(examples=["0909123456"])
    name: str
    address: str | None
    user_type: Role
    ssn: str | None = Field(description="Shown to its owner only.", examples=["079123456789"])
    dob: date | None
    avatar: str | None
    company: CompanyBriefOut | None


class AvatarOut(Out):
    """The picture just stored."""

    avatar_url: str = Field(description="Good for a quarter of an hour or more; then ask again.")


class MeIn(In):
    """Changes of the caller's person: what is absent stays, null clears."""

    name: Name = kept(examples=["Nguyễn Văn Hoàng"])
    address: Line | None = kept(examples=["Hà Nội"])
    dob: Annotated[PastDay, Field(ge=date(1900, 1, 1))] | None = kept(
        description="From 1900-01-01 on; a candidate is 18 or older.", examples=["2000-05-20"]
    )
    ssn: Ssn | None = kept(description="12 digits, or 9.", examples=["079098765432"])


class MeChangedOut(Out):
    """Who the caller is now."""

    id: Id
    name: str
    dob: date | None


class ProfileOut(SnakeOut):
    """The caller's profile for career navigation (seed N)."""

    email: str
    full_name: str
    skills: list[str] = Field(
        description="As he typed them; then those of `PUT /candidates/me/skills` that none of "
        "these is.",
        examples=[["Python", "FastAPI"]],
    )
    target_roles: list[str]
    experience_level: str | None
    location: str | None


class ProfileIn(In):
    """Changes of that profile: what is absent stays, null clears."""

    email: Email = kept(description="As it is: the address of an account does not change.")
    full_name: Name = kept(alias="full_name", examples=["John Doe"])
    skills: list[Label] = kept(
        max_length=MAX_SKILLS,
        description="All that he has: a candidate's that are not named here go, those of "
        "`PUT /candidates/me/skills` too.",
        examples=[["Python", "FastAPI"]],
    )
    target_roles: list[Label] = kept(
        alias="target_roles", max_length=20, examples=[["Backend Developer"]]
    )
    experience_level: Label | None = kept(alias="experience_level", examples=["Mid"])
    location: Line | None = kept(examples=["New York"])
