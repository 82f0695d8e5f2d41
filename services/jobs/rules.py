"""When a job is open: decided by its status and its last day, counted in Vietnam."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from libs.common.clock import VIETNAM


class Status(StrEnum):
    """Where a job stands."""

    ACTIVE = "Active"
    """Open, unless its time is over: then it is shown as expired."""
    CLOSED = "Closed"
    EXPIRED = "Expired"


def expires_at(expire_date: date) -> datetime:
    """Return the instant from which a job whose last day is `expire_date` is no longer open."""
    return datetime.combine(expire_date + timedelta(days=1), time(), VIETNAM)


def is_open(status: str, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a job can be found and applied to at the instant `now`."""
    return status == Status.ACTIVE and now < expires_at
