"""Which event tells whom what, and whether by mail too, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class NoticeType(StrEnum):
    """What a notification is about (seed B 4.7)."""

    APPLY_STATUS = "ApplyStatus"
    NEW_APPLY = "NewApply"
    MESSAGE = "Message"
    NEW_JOB = "NewJob"
    JOB_ALERT = "JobAlert"
    FEEDBACK = "Feedback"
    FOLLOW = "Follow"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Notice:
    """How an event becomes a notification; all but the type and `mailed` name fields of it."""

    type: NoticeType
    receiver: str | None
    """None: everybody who follows the actor."""
    actor: str
    params: tuple[str, ...]
    """What its words need, beside the actor's name; what the event leaves open is left out."""
    origin: tuple[str, ...]
    """What tells one such fact from another."""
    about: tuple[str, ...] = ()
    """The ids of what it is about, beside the actor; they are kept with the params."""
    mailed: bool | str = False
    """Always, never, or where this field of the event is true."""


NOTICES: Mapping[str, Notice] = {
    "application.submitted": Notice(
        NoticeType.NEW_APPLY,
        receiver="employer_id",
        actor="candidate_id",
        params=("job_title",),
        origin=("application_id",),
        about=("job_id", "application_id"),
        mailed=True,
    ),
    "application.status_changed": Notice(
        NoticeType.APPLY_STATUS,
        receiver="candidate_id",
        actor="employer_id",
        params=("job_title", "company_name", "to_status"),
        origin=("application_id", "changed_at"),
        about=("job_id", "application_id"),
        mailed=True,
    ),
    "application.withdrawn": Notice(
        NoticeType.APPLY_STATUS,
        receiver="employer_id",
        actor="candidate_id",
        params=("job_title",),
        origin=("application_id",),
        about=("job_id", "application_id"),
    ),
    "message.sent": Notice(
        NoticeType.MESSAGE,
        receiver="receiver_id",
        actor="sender_id",
        params=(),
        origin=("message_id",),
        mailed="first",
    ),
    "job.posted": Notice(
        NoticeType.NEW_JOB,
        receiver=None,
        actor="employer_id",
        params=("title", "company_name"),
        origin=("job_id",),
        about=("job_id",),
    ),
    "job.expired": Notice(
        NoticeType.SYSTEM,
        receiver="employer_id",
        actor="employer_id",
        params=("title",),
        origin=("job_id", "expires_at"),  # opened again by a later day, it may expire again
        about=("job_id",),
    ),
    "feedback.submitted": Notice(
        NoticeType.FEEDBACK,
        receiver="employer_id",
        actor="employer_id",  # whose feedback it is stays with the job
        params=("rank", "job_title"),
        origin=("feedback_id",),
        about=("job_id",),
    ),
    "employer.followed": Notice(
        NoticeType.FOLLOW,
        receiver="employer_id",
        actor="candidate_id",
        params=(),
        origin=("employer_id", "candidate_id"),  # told once, however often he goes and comes back
    ),
}
"""Event name -> what it makes. The words stand in the catalogues, under the event's name."""


def notice_of(event_name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notification that an event makes: user, type, actor, params, origin.

    The user is None where it is for everybody who follows the actor.
    """
    notice = NOTICES[event_name]
    return {
        "user_id": notice.receiver and facts[notice.receiver],
        "type": notice.type.value,
        "actor_id": facts[notice.actor],
        "params": {
            name: str(facts[name])
            for name in (*notice.params, *notice.about)
            if facts[name] is not None
        },
        "origin": " ".join([event_name, *(str(facts[name]) for name in notice.origin)]),
    }


def is_mailed(event_name: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether an event is told by mail, too."""
    mailed = NOTICES[event_name].mailed
    return bool(facts[mailed]) if isinstance(mailed, str) else mailed


def is_about_actor(event_name: str) -> bool:
    """Tell whether a notification leads to who did what it tells of, and is not the reader."""
    notice = NOTICES[event_name]
    return notice.actor != notice.receiver


def event_of(origin: str) -> str:
    """Return the name of the event that made a notification: its words stand under it."""
    return origin.partition(" ")[0]
