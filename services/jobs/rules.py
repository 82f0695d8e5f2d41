"""Where a job stands, who moves it on, and when it is open: its last day is counted in Vietnam."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.common.clock import VIETNAM
from services.jobs.errors import InvalidRelation, JobClosed, JobExpired


class Status(StrEnum):
    """Where a job stands."""

    ACTIVE = "Active"
    """Open, unless its time is over: then it is shown as expired."""
    HIDDEN = "Hidden"
    """In no list, and takes no applications; who knows its address reads it."""
    EXPIRED = "Expired"
    CLOSED = "Closed"
    """For good."""


WITHHELD = "Withheld"
"""What others are told of an open job whose employer is deactivated: it is there for nobody."""

MOVES: Mapping[Status, Mapping[Status, str]] = {
    Status.ACTIVE: {
        Status.HIDDEN: "the employer hides it",
        Status.EXPIRED: "its last day is over",
        Status.CLOSED: "the employer closes it",
    },
    Status.HIDDEN: {
        Status.ACTIVE: "the employer shows it",
        Status.CLOSED: "the employer closes it",
    },
    Status.EXPIRED: {
        Status.ACTIVE: "the employer sets a later last day",
        Status.HIDDEN: "the employer hides it",
        Status.CLOSED: "the employer closes it",
    },
    Status.CLOSED: {},
}
"""Where a job may go from each status, and by what."""

CLOSES_WITHIN = timedelta(seconds=30)
"""How long after it was sealed a job may be closed: half of what its seal lasts."""


COMPANY_NEEDS = ("taxNumber", "name", "website", "country")
"""What an employer who has no company is missing: the fields without which none is made."""


def expires_at(expire_date: date) -> datetime:
    """Return the instant from which a job whose last day is `expire_date` is no longer open."""
    return datetime.combine(expire_date + timedelta(days=1), time(), VIETNAM)


def is_open(status: str, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a job can be found and applied to at the instant `now`."""
    return status == Status.ACTIVE and now < expires_at


def status_at(status: str, expires_at: datetime, now: datetime, *, withheld: bool = False) -> str:
    """Return where a job stands for others at the instant `now`, whatever was noted yet.

    Args:
        withheld: whether its employer is deactivated.
    """
    if status != Status.ACTIVE:
        return Status(status)
    if not is_open(status, expires_at, now):
        return Status.EXPIRED
    return WITHHELD if withheld else Status.ACTIVE


def changed(present: str, wanted: Status | None, expires_at: datetime, now: datetime) -> Status:
    """Return where a job stands once its employer has changed it.

    Args:
        wanted: where he wants it; None where he did not say: it stays, or opens again.
        expires_at: as it is after the change.

    Raises:
        JobClosed: it was closed, for good.
        JobExpired: he wants it active, but its time is over.
    """
    if not MOVES[Status(present)]:
        raise JobClosed
    if wanted is Status.ACTIVE and expires_at <= now:
        raise JobExpired
    if wanted is None:
        reopened = present == Status.EXPIRED and now < expires_at
        return Status.ACTIVE if reopened else Status(present)
    return wanted


class Posting(Protocol):
    """What counts of a job that is set beside another."""

    id: UUID
    company_id: UUID
    status: str
    expires_at: datetime


def check_relation(source: Posting, other: Posting, now: datetime) -> None:
    """Let pass two jobs that may stand beside each other at the instant `now`.

    Raises:
        InvalidRelation: they are one, of two companies, or not both open.
    """
    both_open = all(is_open(job.status, job.expires_at, now) for job in (source, other))
    if source.id == other.id or source.company_id != other.company_id or not both_open:
        raise InvalidRelation
