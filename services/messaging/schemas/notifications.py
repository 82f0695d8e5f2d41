"""Notifications, as they are shown."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import Out
from services.messaging.notices import NoticeType


class AboutOut(Out):
    """Where a notification leads; null is what it has nothing to do with, or who is gone."""

    job_id: Id | None
    apply_id: Id | None
    user_id: Id | None
    """Who wrote, applied, answered, follows or has posted a job."""


class NotificationOut(Out):
    """A notification in the reader's language."""

    id: Id
    title: str
    content: str
    type: NoticeType
    is_read: bool
    created_at: datetime
    about: AboutOut = Field(
        examples=[
            {
                "jobId": "01a1f6c0-5a10-7cc1-9d0e-3c1f0c6d2b11",
                "applyId": "01a1f6c2-8d33-7f05-b7a4-90f1de5a7c42",
                "userId": "01a1f6bf-11e7-7a6a-8a55-6f2b9c0d4e73",
            }
        ]
    )


class ReadOut(Out):
    """A notification that was read."""

    notification_id: Id
    is_read: Literal[True] = True


class CountOut(Out):
    """A number of notifications."""

    count: int
