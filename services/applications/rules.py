"""What an application may do: the job it is for, and the way through its states."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from services.applications.errors import (
    CvRequired,
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
)

OPEN_JOB = "Active"
"""The one status of a job in which it takes applications."""


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


def check_open(job_status: str, expires_at: datetime, now: datetime) -> None:
    """Let pass a job that takes applications at the instant `now`.

    Raises:
        JobExpired: its time is over.
        JobClosed: it was closed, or is not open for another reason.
    """
    if expires_at <= now:
        raise JobExpired
    if job_status != OPEN_JOB:
        raise JobClosed


def choose_cv(sent: str | None, default: str | None) -> str:
    """Return the address of the CV that goes with an application.

    Raises:
        CvRequired: there is none.
    """
    cv_url = sent or default
    if cv_url is None:
        raise CvRequired
    return cv_url
