"""When a job is open."""

from datetime import UTC, date, datetime, timedelta

from services.jobs.rules import Status, expires_at, is_open

LAST_DAY = date(2025, 12, 31)
MIDNIGHT = datetime(2025, 12, 31, 17, tzinfo=UTC)  # in Vietnam, between the years
MOMENT = timedelta(microseconds=1)


def test_the_last_day_ends_at_midnight_in_vietnam() -> None:
    assert expires_at(LAST_DAY) == MIDNIGHT


def test_a_job_is_open_to_the_end_of_its_last_day() -> None:
    assert is_open(Status.ACTIVE, MIDNIGHT, MIDNIGHT - MOMENT)
    assert not is_open(Status.ACTIVE, MIDNIGHT, MIDNIGHT)


def test_only_an_active_job_is_open() -> None:
    for status in ("Closed", "Hidden", Status.EXPIRED):
        assert not is_open(status, MIDNIGHT, MIDNIGHT - MOMENT)
