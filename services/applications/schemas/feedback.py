"""What is said of a job by those who were accepted for it."""

from datetime import datetime

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import In, Out


class FeedbackIn(In):
    """A rating, and the words for it."""

    content: str = Field(
        min_length=1,
        max_length=5000,
        examples=["Quy trình phỏng vấn nhanh gọn, HR thân thiện."],
    )
    rank: int = Field(ge=1, le=5, strict=True, examples=[5])


class FeedbackGivenOut(Out):
    """A rating just given."""

    feedback_id: Id
    job_id: Id
    rank: int
    created_at: datetime


class FeedbackOut(Out):
    """A rating as everybody sees it; whose it is, nobody does."""

    feedback_id: Id
    rank: int
    content: str | None = Field(description="Null where who wrote it has erased himself.")
    created_at: datetime
