"""The life of a job: its states, the ways between them, and when it is open."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from services.jobs.errors import JobClosed, JobExpired
from services.jobs.rules import (
    MOVES,
    Status,
    changed,
    expires_at,
    is_open,
    status_at,
)

LAST_DAY = date(2025, 12, 31)
MIDNIGHT = datetime(2025, 12, 31, 17, tzinfo=UTC)  # in Vietnam, between the years
MOMENT = timedelta(microseconds=1)
ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"


def test_the_last_day_ends_at_midnight_in_vietnam() -> None:
    assert expires_at(LAST_DAY) == MIDNIGHT


def test_a_job_is_open_to_the_end_of_its_last_day() -> None:
    assert is_open(Status.ACTIVE, MIDNIGHT, MIDNIGHT - MOMENT)
    assert not is_open(Status.ACTIVE, MIDNIGHT, MIDNIGHT)


def test_only_an_active_job_is_open() -> None:
    for status in ("Closed", "Hidden", Status.EXPIRED):
        assert not is_open(status, MIDNIGHT, MIDNIGHT - MOMENT)


@pytest.mark.parametrize("status", Status)
def test_a_job_is_expired_from_the_instant_that_it_is(status: Status) -> None:
    assert status_at(status, MIDNIGHT, MIDNIGHT - MOMENT) == status
    overdue = Status.EXPIRED if status == Status.ACTIVE else status
    assert status_at(status, MIDNIGHT, MIDNIGHT) == overdue


@pytest.mark.parametrize(
    ("present", "wanted", "is_over", "then"),
    [
        ("Active", None, False, "Active"),
        ("Active", None, True, "Active"),  # the clock has yet to say so
        ("Active", "Active", False, "Active"),
        ("Active", "Active", True, JobExpired),
        ("Active", "Hidden", False, "Hidden"),
        ("Active", "Hidden", True, "Hidden"),
        ("Hidden", None, False, "Hidden"),
        ("Hidden", None, True, "Hidden"),
        ("Hidden", "Active", False, "Active"),
        ("Hidden", "Active", True, JobExpired),
        ("Hidden", "Hidden", True, "Hidden"),
        ("Expired", None, False, "Active"),
        ("Expired", None, True, "Expired"),
        ("Expired", "Active", False, "Active"),
        ("Expired", "Active", True, JobExpired),
        ("Expired", "Hidden", False, "Hidden"),
        ("Expired", "Hidden", True, "Hidden"),
        ("Closed", None, False, JobClosed),
        ("Closed", "Active", False, JobClosed),
        ("Closed", "Hidden", True, JobClosed),
    ],
)
def test_what_an_employers_change_makes_of_a_job(
    present: str, wanted: str | None, is_over: bool, then: str | type[Exception]
) -> None:
    asked = None if wanted is None else Status(wanted)
    now = MIDNIGHT if is_over else MIDNIGHT - MOMENT
    if isinstance(then, str):
        assert changed(present, asked, MIDNIGHT, now) == then
    else:
        with pytest.raises(then):
            changed(present, asked, MIDNIGHT, now)


def test_a_change_goes_only_where_the_table_says() -> None:
    for present, wanted, now in product(
        set(Status) - {Status.CLOSED}, (None, Status.HIDDEN), (MIDNIGHT - MOMENT, MIDNIGHT)
    ):
        then = changed(present, wanted, MIDNIGHT, now)
        assert then == present or then in MOVES[present]


def test_closed_is_for_good_and_within_reach_of_all() -> None:
    assert MOVES[Status.CLOSED] == {}
    assert all(Status.CLOSED in ways for status, ways in MOVES.items() if status != Status.CLOSED)


def test_the_drawing_shows_the_table() -> None:
    """Who changes the table sees here what to put into docs/architecture.md."""
    lines = [
        f"{one} --> {other}: {why}" for one, ways in MOVES.items() for other, why in ways.items()
    ]
    drawn = "\n".join(
        ["stateDiagram-v2", "    [*] --> Active: it is posted", *("    " + x for x in lines)]
    )
    assert drawn in ARCHITECTURE.read_text("utf-8"), drawn
