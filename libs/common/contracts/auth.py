"""What the auth service says: people, candidates, employers, companies.

Each fact carries the whole present state of its subject and its `version`, so that a read model
takes whichever comes last, in any order.
"""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.events import Event, event


class _Person(Event):
    user_id: UUID
    role: str
    name: str
    avatar_url: str | None
    is_active: bool
    email: str | None = None
    language: str = "vi"
    """In which mails are written to him."""
    version: int


@event("user.registered", subject="user_id", person="user_id")
class UserRegistered(_Person):
    """An account was made; it is not active yet."""


@event("user.activated", subject="user_id", person="user_id")
class UserActivated(_Person):
    """The account's address was proven: its owner may sign in."""


@event("user.updated", subject="user_id", person="user_id")
class UserUpdated(_Person):
    """The person's public facts changed.

    `avatar_url` is a reference to a stored file, `store:<key>`: whoever shows it signs a link.
    """


@event("candidate.updated", subject="candidate_id", person="candidate_id")
class CandidateUpdated(Event):
    """A candidate's profile, as those need it who receive an application or advise him.

    `cv_url` is an https address, or a reference to a stored file, `store:<key>`: whoever shows that
    signs a link.
    """

    candidate_id: UUID
    name: str
    email: str
    cv_url: str | None
    skill_ids: list[int]
    skills: list[str] = Field(default_factory=list)
    """In his own words; those that are known are among `skill_ids`."""
    target_roles: list[str] = Field(default_factory=list)
    experience_level: str | None = None
    location: str | None = None
    version: int


@event("employer.updated", subject="employer_id", person="employer_id")
class EmployerUpdated(Event):
    """An employer, and the company that he posts for."""

    employer_id: UUID
    name: str
    company_id: UUID | None
    deactivated: bool = False
    """By an admin: his jobs are not shown meanwhile."""
    version: int


@event("company.updated", subject="company_id")
class CompanyUpdated(Event):
    """A company's public facts; `complete` when it may post jobs."""

    company_id: UUID
    name: str
    industry: str | None
    address: str | None
    logo_url: str | None
    complete: bool
    missing: list[str] = Field(default_factory=list)
    """What it lacks to be complete, as the API names it."""
    version: int


@event("user.erased", subject="user_id")
class UserErased(Event):
    """A person is gone: every service erases what it holds, and says `personal_data.erased`."""

    user_id: UUID
    role: str
    erasure_id: UUID


@event("session.revoked", subject="session_id")
class SessionRevoked(Event):
    """A session ended before its time: signed out, reused, replaced, deactivated or erased."""

    session_id: UUID
    user_id: UUID
    revoked_at: datetime
