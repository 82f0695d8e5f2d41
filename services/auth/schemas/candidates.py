"""Candidates and their CVs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from libs.common.schemas import In, Out
from libs.common.urls import HttpsUrl


class CvIn(In):
    """The default CV, by its address."""

    cv_url: HttpsUrl = Field(examples=["https://storage.mysite.com/uploads/my-new-cv-2025.pdf"])
    cv_name: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = Field(
        None, examples=["CV_Fullstack_Senior.pdf"]
    )


class CvOut(Out):
    """The default CV now."""

    candidate_id: UUID
    cv_url: str
    updated_at: datetime
