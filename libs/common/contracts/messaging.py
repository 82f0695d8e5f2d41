"""What the messaging service says."""

from datetime import datetime
from uuid import UUID

from libs.common.events import Event, event


@event("message.sent", subject="message_id")
class MessageSent(Event):
    """One person wrote to another. The text itself stays where it was written."""

    message_id: UUID
    sender_id: UUID
    receiver_id: UUID
    sent_at: datetime


@event("notification.created", subject="notification_id")
class NotificationCreated(Event):
    """Somebody has something new to read."""

    notification_id: UUID
    user_id: UUID
    type: str
