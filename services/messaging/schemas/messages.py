"""Messages and conversations, as they are sent and shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from libs.common.ids import Id, Place
from libs.common.schemas import SHOWN, In, Out


class MessageIn(In):
    """A message to one person; blanks around it are dropped."""

    receiver_id: Id
    content: Annotated[str, SHOWN] = Field(
        min_length=1, max_length=5000, examples=["Cho mình hỏi thời gian phỏng vấn cụ thể ạ?"]
    )


class SentOut(Out):
    """A message just sent."""

    message_id: Id
    receiver_id: Id
    send_time: datetime
    status: Literal["Sent"] = "Sent"


class MessageOut(Out):
    """A message of a conversation."""

    message_id: Id
    sender_id: Id
    content: str
    created_at: datetime


class ConversationOut(Out):
    """What I and somebody else write to each other: its end, and what I have not read."""

    user_id: Id
    name: str
    avatar: str | None
    last_message: MessageOut
    unread_count: int


class MessagesReadIn(In):
    """That I have read what somebody wrote to me."""

    with_user_id: Id
    up_to: Place | None = Field(default=None, description="The last message read; absent: all are.")


class UnreadOut(Out):
    """How many of somebody's messages I have not read."""

    with_user_id: Id
    unread_count: int
