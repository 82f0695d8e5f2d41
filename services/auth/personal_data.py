"""What the identity service holds of a person."""

from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select

from libs.common.files import file_url, reference_to
from libs.common.privacy import PersonalData
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from services.auth import queries, views
from services.auth.models import (
    Candidate,
    CandidateSkill,
    Employer,
    JobHistory,
    LoginSession,
    Person,
    StoredCv,
)

_UNSAID = {"account_id", "version"}
_KEYS = {"email_key", "username_key", "password_hash"}
"""Of no use to anybody but this service."""


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return the account, the human behind it, and what hangs on both.

    Raises:
        NotFound: the account is gone.
    """
    account, human, company = await queries.profile(session, person)
    candidate = await session.get(Candidate, person)
    employer = await session.get(Employer, person)
    return {
        "account": account.model_dump(exclude=_KEYS | _UNSAID),
        "person": _human(session, human),
        "candidate": _candidate(session, candidate),
        "employer": employer.model_dump(exclude=_UNSAID) if employer else None,
        "company": company.model_dump(exclude={"version"}) if company else None,
        "skill_ids": [row["skill_id"] for row in await _rows(session, CandidateSkill, person)],
        "cvs": await _cvs(session, person),
        "job_history": await _rows(session, JobHistory, person),
        "sessions": await _rows(session, LoginSession, person),
    }


def _human(session: ReadSession, human: Person) -> dict[str, Any]:
    told = human.model_dump(exclude=_UNSAID | {"ssn_sealed", "ssn_key_id"})
    settings = runtime_in(session).settings
    shown = {"avatar_url": file_url(settings, human.avatar_url), "ssn": views.ssn(settings, human)}
    return told | shown


def _candidate(session: ReadSession, candidate: Candidate | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    told = candidate.model_dump(exclude=_UNSAID)
    return told | {"cv_url": file_url(runtime_in(session).settings, candidate.cv_url)}


async def _cvs(session: ReadSession, person: UUID) -> list[dict[str, Any]]:
    settings = runtime_in(session).settings
    rows = await _rows(session, StoredCv, person)
    return [row | {"url": file_url(settings, reference_to(row.pop("key")))} for row in rows]


async def _rows(session: ReadSession, model: Any, person: UUID) -> list[dict[str, Any]]:
    rows = await session.exec(select(model).where(col(model.account_id) == person))
    return [row.model_dump(exclude=_UNSAID) for row in rows if isinstance(row, SQLModel)]


async def erase(session: WriteSession, person: UUID) -> None:
    """Delete his files; his rows went with the account, when he asked for it."""
    store = runtime_in(session).store
    for folder in ("avatars", "cvs"):
        await store.delete_all(f"{folder}/{person}/")


personal_data = PersonalData(
    holds="The account, name, address, birthday, identity number (sealed), picture, CVs, skills, "
    "job history, devices. Nothing outlives an erasure but its receipts, which name nobody.",
    export=export,
    erase=erase,
)
