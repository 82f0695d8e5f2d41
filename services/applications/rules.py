"""What an application may do: the job it is for, and the way through its states."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from libs.common.errors import NotFound
from services.applications.errors import (
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
    WithdrawalNotAllowed,
)

OPEN_JOB = "Active"
"""The one status of a job in which it takes applications."""

WITHHELD_JOB = "Withheld"
"""The one in which it is there for nobody: its employer is deactivated."""

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


EMPLOYER, CANDIDATE = "the employer", "the candidate"

MOVES: Mapping[Status, Mapping[Status, str]] = {
    Status.APPLIED: {
        Status.SHORTLISTED: EMPLOYER,
        Status.INTERVIEWED: EMPLOYER,
        Status.ACCEPTED: EMPLOYER,
        Status.REJECTED: EMPLOYER,
        Status.WITHDRAWN: CANDIDATE,
    },
    Status.SHORTLISTED: {
        Status.APPLIED: EMPLOYER,
        Status.INTERVIEWED: EMPLOYER,
        Status.ACCEPTED: EMPLOYER,
        Status.REJECTED: EMPLOYER,
        Status.WITHDRAWN: CANDIDATE,
    },
    Status.INTERVIEWED: {
        Status.SHORTLISTED: EMPLOYER,
        Status.ACCEPTED: EMPLOYER,
        Status.REJECTED: EMPLOYER,
        Status.WITHDRAWN: CANDIDATE,
    },
    Status.ACCEPTED: {Status.FINISHED: EMPLOYER},
    Status.FINISHED: {},
    Status.REJECTED: {},
    Status.WITHDRAWN: {},
}
"""Where an application may go from each status, and who moves it there."""

PENDING = frozenset(status for status, ways in MOVES.items() if Status.REJECTED in ways)
"""Where the employer's answer is still out; no way leads back here."""

RATED_FROM = frozenset({Status.ACCEPTED, Status.FINISHED})
"""Where a candidate has seen enough of a job to rate it (seed B 4.7)."""


def ways_of(mover: str, present: Status) -> tuple[Status, ...]:
    """Return where `mover` may move an application that stands at `present`."""
    return tuple(to for to, who in MOVES[present].items() if who == mover)


def move(present: Status, wanted: Status) -> bool:
    """Tell whether the employer's going from `present` to `wanted` changes anything.

    Raises:
        InvalidStatusTransition: there is no such way for him.
    """
    if wanted == present:
        return False
    if wanted not in (allowed := ways_of(EMPLOYER, present)):
        raise InvalidStatusTransition({"from": present, "to": wanted, "allowed": allowed})
    return True


def check_withdrawal(present: Status, expires_at: datetime, now: datetime) -> None:
    """Let pass a candidate who takes an application back at the instant `now`.

    Raises:
        WithdrawalNotAllowed: it was answered, or is withdrawn, or the job's time is over.
    """
    is_over = expires_at <= now
    if is_over or Status.WITHDRAWN not in ways_of(CANDIDATE, present):
        raise WithdrawalNotAllowed({"status": present, "jobExpired": is_over})


def check_open(job_status: str, expires_at: datetime, now: datetime) -> None:
    """Let pass a job that takes applications at the instant `now`, unless it is sealed.

    Raises:
        NotFound: it is withheld.
        JobExpired: its time is over.
        JobClosed: it was closed, or is not open for another reason.
    """
    if job_status == WITHHELD_JOB:
        raise NotFound
    if expires_at <= now:
        raise JobExpired
    if job_status != OPEN_JOB:
        raise JobClosed


def has_lapsed(job_status: str, sealed_until: datetime | None, now: datetime) -> bool:
    """Tell whether a seal ran out, and no word came whether the job was closed under it."""
    return job_status == OPEN_JOB and sealed_until is not None and sealed_until <= now
