"""Which event tells whom what, as one table; and who may write to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.messaging.errors import CannotMessageSelf


class NoticeType(StrEnum):
    """What a notification is about (seed B 4.7)."""

    APPLY_STATUS = "ApplyStatus"
    NEW_APPLY = "NewApply"
    MESSAGE = "Message"


@dataclass(frozen=True, slots=True)
class Notice:
    """How an event becomes a notification; everything but `type` names fields of the event."""

    type: NoticeType
    receiver: str
    actor: str
    params: tuple[str, ...]
    """What its words need, beside the actor's name."""
    origin: tuple[str, ...]
    """What tells one such fact from another."""


NOTICES: Mapping[str, Notice] = {
    "application.submitted": Notice(
        NoticeType.NEW_APPLY,
        receiver="employer_id",
        actor="candidate_id",
        params=("job_title",),
        origin=("application_id",),
    ),
    "application.status_changed": Notice(
        NoticeType.APPLY_STATUS,
        receiver="candidate_id",
        actor="employer_id",
        params=("job_title", "company_name", "to_status"),
        origin=("application_id", "changed_at"),
    ),
    "message.sent": Notice(
        NoticeType.MESSAGE,
        receiver="receiver_id",
        actor="sender_id",
        params=(),
        origin=("message_id",),
    ),
}
"""Event name -> what it makes. The words stand in the catalogues, under the type."""


def notice_of(event_name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notification that an event makes: user, type, actor, params, origin."""
    notice = NOTICES[event_name]
    return {
        "user_id": facts[notice.receiver],
        "type": notice.type.value,
        "actor_id": facts[notice.actor],
        "params": {name: str(facts[name]) for name in notice.params},
        "origin": " ".join([event_name, *(str(facts[name]) for name in notice.origin)]),
    }


def check_receiver(sender_id: UUID, receiver_id: UUID) -> None:
    """Let pass whoever writes to somebody else.

    Raises:
        CannotMessageSelf: he writes to himself.
    """
    if sender_id == receiver_id:
        raise CannotMessageSelf
