"""What an application may do: the job it is for, and the way through its states."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from services.applications.errors import (
    CvRequired,
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
)

OPEN_JOB = "Active"
"""The one status of a job in which it takes applications."""

SEAL_LASTS = timedelta(seconds=60)
"""How long a sealed job takes no applications; its service closes it within half of that, or not
at all."""


class Status(StrEnum):
    """Where an application stands (seed B 2.6 and 2.7)."""

    APPLIED = "Applied"
    SHORTLISTED = "Shortlisted"
    INTERVIEWED = "Interviewed"
    ACCEPTED = "Accepted"
    FINISHED = "Finished"
    REJECTED = "Rejected"
    WITHDRAWN = "Withdrawn"


MOVES: Mapping[Status, tuple[Status, ...]] = {
    Status.APPLIED: (
        Status.SHORTLISTED,
        Status.INTERVIEWED,
        Status.ACCEPTED,
        Status.REJECTED,
    ),
    Status.SHORTLISTED: (
        Status.APPLIED,
        Status.INTERVIEWED,
        Status.ACCEPTED,
        Status.REJECTED,
    ),
    Status.INTERVIEWED: (Status.SHORTLISTED, Status.ACCEPTED, Status.REJECTED),
    Status.ACCEPTED: (Status.FINISHED,),
    Status.FINISHED: (),
    Status.REJECTED: (),
    Status.WITHDRAWN: (),
}
"""Where an employer may move an application from each status."""


PENDING = frozenset(status for status, ways in MOVES.items() if Status.REJECTED in ways)
"""Where the employer's answer is still out; no way leads back here."""


def move(present: Status, wanted: Status) -> bool:
    """Tell whether going from `present` to `wanted` changes anything.

    Raises:
        InvalidStatusTransition: there is no such way.
    """
    if wanted == present:
        return False
    if wanted not in MOVES[present]:
        raise InvalidStatusTransition({"from": present, "to": wanted, "allowed": MOVES[present]})
    return True


def check_open(
    job_status: str, expires_at: datetime, sealed_until: datetime | None, now: datetime
) -> None:
    """Let pass a job that takes applications at the instant `now`.

    Raises:
        JobExpired: its time is over.
        JobClosed: it was closed or is about to be, or is not open for another reason.
    """
    if expires_at <= now:
        raise JobExpired
    if job_status != OPEN_JOB or sealed_until is not None:
        raise JobClosed


def has_lapsed(job_status: str, sealed_until: datetime | None, now: datetime) -> bool:
    """Tell whether a seal ran out, and no word came whether the job was closed under it."""
    return job_status == OPEN_JOB and sealed_until is not None and sealed_until <= now


def choose_cv(sent: str | None, default: str | None) -> str:
    """Return the address of the CV that goes with an application.

    Raises:
        CvRequired: there is none.
    """
    cv_url = sent or default
    if cv_url is None:
        raise CvRequired
    return cv_url
