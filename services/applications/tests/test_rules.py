"""The rules of applications: open jobs, the CV that goes along, the way through the states."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import NotFound
from services.applications.errors import (
    InvalidStatusTransition,
    JobClosed,
    JobExpired,
    WithdrawalNotAllowed,
)
from services.applications.rules import (
    CANDIDATE,
    EMPLOYER,
    MOVES,
    PENDING,
    Status,
    check_open,
    check_withdrawal,
    has_lapsed,
    move,
    ways_of,
)

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


FORWARD = ["Applied", "Shortlisted", "Interviewed", "Accepted", "Finished"]
THREE = FORWARD[:3]


@given(st.lists(st.sampled_from(Status)))
def test_wherever_he_tries_to_move_it_the_rules_of_the_contract_hold(tried: list[Status]) -> None:
    """Whatever an employer asks for, in whatever order: the words of contract §4, one by one."""
    present = Status.APPLIED
    for wanted in tried:
        try:
            changes = move(present, wanted)
        except InvalidStatusTransition:
            continue
        assert changes == (wanted != present)
        if not changes:
            continue
        assert wanted != "Withdrawn"
        if wanted == "Rejected":
            assert present in THREE
        else:
            steps = FORWARD.index(wanted) - FORWARD.index(present)
            assert steps >= -1
            assert steps > 0 or {present, wanted} <= set(THREE)
            assert wanted != "Finished" or present == "Accepted"
        present = wanted


def test_who_moves_what() -> None:
    """A candidate takes back, and nothing else; nobody else takes back."""
    for present in Status:
        assert set(ways_of(CANDIDATE, present)) <= {"Withdrawn"}
        assert "Withdrawn" not in ways_of(EMPLOYER, present)
        assert {*ways_of(CANDIDATE, present), *ways_of(EMPLOYER, present)} == MOVES[present].keys()


@pytest.mark.parametrize("present", Status)
def test_an_application_is_taken_back_while_it_waits_and_the_job_is_on(present: Status) -> None:
    moment = timedelta(microseconds=1)
    if present in {"Applied", "Shortlisted", "Interviewed"}:
        check_withdrawal(present, NOW + moment, NOW)
    else:
        with pytest.raises(WithdrawalNotAllowed) as refused:
            check_withdrawal(present, NOW + moment, NOW)
        assert refused.value.details == {"status": present, "jobExpired": False}
    with pytest.raises(WithdrawalNotAllowed) as refused:
        check_withdrawal(present, NOW, NOW)
    assert refused.value.details == {"status": present, "jobExpired": True}


def test_an_open_job_takes_applications_until_the_instant_it_expires() -> None:
    check_open("Active", NOW + timedelta(microseconds=1), NOW)
    with pytest.raises(JobExpired):
        check_open("Active", NOW, NOW)


@pytest.mark.parametrize("status", ["Closed", "Hidden", ""])
def test_a_job_that_is_not_active_takes_none(status: str) -> None:
    with pytest.raises(JobClosed):
        check_open(status, NOW + timedelta(days=1), NOW)


def test_a_withheld_job_is_there_for_nobody() -> None:
    for left in (timedelta(0), timedelta(days=1)):
        with pytest.raises(NotFound):
            check_open("Withheld", NOW + left, NOW)


def test_a_seal_without_word_of_a_closing_lapses() -> None:
    late, early = NOW, NOW + timedelta(microseconds=1)
    assert has_lapsed("Active", late, NOW)
    assert not has_lapsed("Active", early, NOW)
    assert not has_lapsed("Active", None, NOW)
    assert not has_lapsed("Closed", late, NOW)


def test_whoever_was_answered_or_has_withdrawn_does_not_wait() -> None:
    assert {"Applied", "Shortlisted", "Interviewed"} == PENDING
    for status in set(Status) - PENDING:
        assert PENDING.isdisjoint(MOVES[status])
