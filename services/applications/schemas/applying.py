"""Applying, and the lists of applications."""

from datetime import date, datetime

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import In, Out
from libs.common.urls import WebUrl
from services.applications.rules import Status


class ApplyIn(In):
    """An application; without `cvUrl` the default CV of the candidate's profile goes with it."""

    cover_letter: str | None = Field(None, max_length=10_000)
    cv_url: WebUrl | None = Field(
        None,
        description="An https address, or a link to a CV of his own as it was shown.",
        examples=["https://storage.mysite.com/uploads/custom-cv-for-job-888.pdf"],
    )


class ApplyOut(Out):
    """An application just made."""

    apply_id: Id
    job_id: Id
    status: Status
    applied_at: datetime


class MyApplyOut(Out):
    """An application as its candidate sees it, with the day of applying in Vietnam."""

    apply_id: Id
    job_id: Id
    job_title: str
    company_name: str
    status: Status
    date: date


class JobApplyOut(Out):
    """An application as the employer sees it, with the day of applying in Vietnam.

    Name and email are null until they are known here; they and the CV are once the candidate has
    erased himself.
    """

    apply_id: Id
    candidate_id: Id
    name: str | None
    email: str | None
    cv_url: str | None
    cover_letter: str | None
    status: Status
    applied_at: date
