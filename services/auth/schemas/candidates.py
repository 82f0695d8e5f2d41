"""Candidates: their CVs, skills and job histories."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from libs.common.ids import Id
from libs.common.schemas import Day, In, Label, Line, Out
from libs.common.urls import WebUrl
from services.auth.schemas.fields import MAX_SKILLS, FileName, PastDay, kept

_OLDEST, _LATEST = date(1900, 1, 1), date(2100, 1, 1)
StartDay = Annotated[PastDay, Field(ge=_OLDEST)]
EndDay = Annotated[Day, Field(ge=_OLDEST, le=_LATEST)]
"""May lie ahead: many a contract says when it ends."""
SkillId = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class CvIn(In):
    """The default CV, by its address."""

    cv_url: WebUrl = Field(
        description="An https address, or a link to a CV of his own as it was shown.",
        examples=["https://storage.mysite.com/uploads/my-new-cv-2025.pdf"],
    )
    cv_name: FileName | None = Field(None, examples=["CV_Fullstack_Senior.pdf"])


class CvOut(Out):
    """The default CV now."""

    candidate_id: Id
    cv_url: str
    updated_at: datetime


class PastJobOut(Out):
    """Where a candidate worked, as employers see it."""

    com_name: str = Field(examples=["FPT Software"])
    position: str = Field(examples=["Junior Developer"])
    duration: str = Field(
        description="In the candidate's words; else counted from the dates, in English.",
        examples=["1 year"],
    )


class CandidateOut(Out):
    """A candidate as employers see him."""

    id: Id
    name: str
    email: str
    phone: str | None = Field(examples=["0909123456"])
    address: str | None
    cv_url: str | None
    cv_name: str | None = Field(examples=["CV_Fullstack_Senior.pdf"])
    skills: list[str] = Field(examples=[["Java", "Spring Boot", "SQL"]])
    job_history: list[PastJobOut]


class JobHistoryIn(In):
    """A job that the candidate has or had."""

    com_name: Line = Field(examples=["FPT Software"])
    position: Line = Field(examples=["Junior Developer"])
    start_time: StartDay = Field(description="Not in the future.", examples=["2023-01-01"])
    end_time: EndDay | None = Field(
        None, description="Null: he works there still.", examples=["2024-01-01"]
    )
    duration: Label | None = Field(None, description="In his own words.", examples=["1 year"])


class JobHistoryChangesIn(In):
    """Changes of such an entry: what is absent stays, null clears."""

    com_name: Line = kept()
    position: Line = kept()
    start_time: StartDay = kept()
    end_time: EndDay | None = kept()
    duration: Label | None = kept()


class JobAddedOut(Out):
    """An entry just made."""

    history_id: Id
    com_name: str


class JobHistoryOut(PastJobOut):
    """An entry as its candidate sees it."""

    history_id: Id
    start_time: date
    end_time: date | None


class SkillsIn(In):
    """The skills that the candidate has, in his order."""

    skill_ids: Annotated[
        list[SkillId],
        Field(min_length=1, max_length=MAX_SKILLS),
        AfterValidator(lambda ids: list(dict.fromkeys(ids))),
    ] = Field(description="See `GET /skills`; one named twice counts once.", examples=[[1, 5, 10]])
