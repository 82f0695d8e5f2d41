"""Notifications, as they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from libs.common.schemas import Out
from services.messaging.notices import NoticeType


class NotificationOut(Out):
    """A notification in the reader's language."""

    id: UUID
    title: str
    content: str
    type: NoticeType
    is_read: bool
    created_at: datetime


class ReadOut(Out):
    """A notification that was read."""

    notification_id: UUID
    is_read: Literal[True] = True


class CountOut(Out):
    """A number of notifications."""

    count: int
