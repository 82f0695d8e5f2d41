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
    first: bool = False
    """Whether it is the first that this sender ever wrote to this receiver."""


@event("employer.followed", subject="employer_id")
class EmployerFollowed(Event):
    """A candidate wants to hear of an employer's new jobs."""

    employer_id: UUID
    candidate_id: UUID
    followed_at: datetime


@event("employer.unfollowed", subject="employer_id")
class EmployerUnfollowed(Event):
    """A candidate no longer wants to hear of an employer's new jobs."""

    employer_id: UUID
    candidate_id: UUID
    unfollowed_at: datetime


@event("notification.created", subject="notification_id")
class NotificationCreated(Event):
    """Somebody has something new to read."""

    notification_id: UUID
    user_id: UUID
    type: str
