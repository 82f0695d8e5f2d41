"""People and events that the tests of messaging start from."""

from datetime import UTC, datetime
from typing import Any

from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationSubmitted
from libs.common.contracts.auth import UserActivated
from libs.common.ids import new_id


def a_person(**changes: Any) -> UserActivated:
    """Return an active person, but for `changes`."""
    facts: dict[str, Any] = {
        "user_id": new_id(),
        "role": "Employer",
        "name": "HR FPT",
        "avatar_url": None,
        "is_active": True,
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
