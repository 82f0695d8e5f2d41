"""Notifications, as they are shown."""

from datetime import datetime
from typing import Literal

from libs.common.ids import Id
from libs.common.schemas import Out
from services.messaging.notices import NoticeType


class NotificationOut(Out):
    """A notification in the reader's language."""

    id: Id
    title: str
    content: str
    type: NoticeType
    is_read: bool
    created_at: datetime


class ReadOut(Out):
    """A notification that was read."""

    notification_id: Id
    is_read: Literal[True] = True


class CountOut(Out):
    """A number of notifications."""

    count: int
