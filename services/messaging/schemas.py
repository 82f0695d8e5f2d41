"""What clients send to the messaging service, and what they see of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import In, Out
from services.messaging.rules import NoticeType


class MessageIn(In):
    """A message to one person; blanks around it are dropped."""

    receiver_id: Id
    content: str = Field(
        min_length=1, max_length=5000, examples=["Cho mình hỏi thời gian phỏng vấn cụ thể ạ?"]
    )


class SentOut(Out):
    """A message just sent."""

    message_id: UUID
    receiver_id: UUID
    send_time: datetime
    status: Literal["Sent"] = "Sent"


class MessageOut(Out):
    """A message of a conversation."""

    message_id: UUID
    sender_id: UUID
    content: str
    created_at: datetime


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
