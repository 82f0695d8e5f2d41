"""People and events that the tests of messaging start from."""

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common.contracts.applications import (
    ApplicationStatusChanged,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    FeedbackSubmitted,
)
from libs.common.contracts.auth import UserActivated
from libs.common.contracts.jobs import JobPosted
from libs.common.ids import new_id


def a_person(**changes: Any) -> UserActivated:
    """Return an active person, but for `changes`."""
    facts: dict[str, Any] = {
        "user_id": new_id(),
        "role": "Employer",
        "name": "HR FPT",
        "avatar_url": None,
        "is_active": True,
        "email": "hr@fpt.example",
        "version": 2,
    }
    return UserActivated(**facts | changes)


def an_application(**changes: Any) -> dict[str, Any]:
    """Return what the events of an application have in common."""
    facts: dict[str, Any] = {
        "application_id": new_id(),
        "job_id": new_id(),
        "job_title": "Senior {Backend} Developer",
        "company_name": "Tech Solutions",
        "employer_id": new_id(),
        "candidate_id": new_id(),
        "candidate_name": "",
    }
    return facts | changes


def submitted(**changes: Any) -> ApplicationSubmitted:
    """Return an application just made."""
    return ApplicationSubmitted(**an_application(**changes), submitted_at=datetime.now(UTC))


def moved(to_status: str = "Shortlisted", **changes: Any) -> ApplicationStatusChanged:
    """Return an application just moved."""
    return ApplicationStatusChanged(
        **an_application(**changes),
        from_status="Applied",
        to_status=to_status,
        changed_at=datetime.now(UTC),
    )


def posted(**changes: Any) -> JobPosted:
    """Return a job just posted, but for `changes`."""
    facts: dict[str, Any] = {
        "job_id": new_id(),
        "employer_id": new_id(),
        "title": "Senior {Backend} Developer",
        "company_name": "Tech Solutions",
        "status": "Active",
        "expires_at": datetime.now(UTC) + timedelta(days=30),
        "version": 1,
    }
    return JobPosted(**facts | changes)


def withdrawn(**changes: Any) -> ApplicationWithdrawn:
    """Return an application just taken back."""
    facts = an_application(**changes)
    return ApplicationWithdrawn(**facts, from_status="Applied", withdrawn_at=datetime.now(UTC))


def rated(rank: int = 4, **changes: Any) -> FeedbackSubmitted:
    """Return a job just rated, the first time."""
    facts: dict[str, Any] = {"feedback_id": new_id(), "job_id": new_id(), "employer_id": new_id()}
    sums = {"job_count": 1, "job_sum": rank, "employer_count": 1, "employer_sum": rank}
    return FeedbackSubmitted(**facts | sums | changes, rank=rank, submitted_at=datetime.now(UTC))
