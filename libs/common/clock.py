"""The one place that asks what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """Return the calendar date of `instant` in Vietnam, where deadlines are counted."""
    return instant.astimezone(VIETNAM).date()
