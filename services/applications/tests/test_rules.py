"""The rules of applications: open jobs, the CV that goes along, the way through the states."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.applications.errors import (
    CvRequired,
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
)
from services.applications.rules import Status, check_open, choose_cv, move

NOW = datetime(2025, 11, 19, 10, 30, tzinfo=UTC)
ALLOWED = {
    "Applied": "Shortlisted Interviewed Accepted Rejected",
    "Shortlisted": "Applied Interviewed Accepted Rejected",
    "Interviewed": "Shortlisted Accepted Rejected",
    "Accepted": "Finished",
    "Finished": "",
    "Rejected": "",
    "Withdrawn": "",
}
"""Contract §4, written out a second time by hand."""


@pytest.mark.parametrize(("present", "wanted"), [*product(Status, Status)])
def test_moves_are_those_of_the_contract(present: Status, wanted: Status) -> None:
    if present == wanted:
        assert move(present, wanted) is False
    elif wanted in ALLOWED[present].split():
        assert move(present, wanted) is True
    else:
        with pytest.raises(InvalidStatusTransition) as refused:
            move(present, wanted)
        assert refused.value.details["from"] == present
        assert list(refused.value.details["allowed"]) == ALLOWED[present].split()


def test_an_open_job_takes_applications_until_the_instant_it_expires() -> None:
    check_open("Active", NOW + timedelta(microseconds=1), NOW)
    with pytest.raises(JobExpired):
        check_open("Active", NOW, NOW)


@pytest.mark.parametrize("status", ["Closed", "Hidden", ""])
def test_a_job_that_is_not_active_takes_none(status: str) -> None:
    with pytest.raises(JobClosed):
        check_open(status, NOW + timedelta(days=1), NOW)


def test_the_sent_cv_goes_before_the_default_one() -> None:
    assert choose_cv("https://a/sent", "https://a/default") == "https://a/sent"
    assert choose_cv(None, "https://a/default") == "https://a/default"
    with pytest.raises(CvRequired):
        choose_cv(None, None)
