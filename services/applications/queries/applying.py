"""Who applied for what."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, select, true
from sqlmodel import col

from libs.common.clock import VIETNAM
from libs.common.files import file_url
from libs.common.pagination import Page, Window
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession
from services.applications.models import Application, CandidateSnapshot, JobSnapshot
from services.applications.queries.parts import ON_JOB, Listed, newest_of
from services.applications.rules import Status
from services.applications.schemas.applying import JobApplyOut, MyApplyOut

_ON_CANDIDATE = col(CandidateSnapshot.candidate_id) == col(Application.candidate_id)
_DAY_APPLIED = cast(func.timezone(str(VIETNAM), col(Application.applied_at)), Date)


async def applies_of_candidate(
    session: ReadSession, candidate_id: UUID, status: Status | None, paging: Window
) -> Page[MyApplyOut]:
    """List a candidate's applications, newest first; with `status`, those that stand there."""
    listed: Listed = (
        select(
            col(Application.id).label("apply_id"),
            col(Application.job_id),
            col(JobSnapshot.title).label("job_title"),
            col(JobSnapshot.company_name),
            col(Application.status),
            _DAY_APPLIED.label("date"),
        )
        .join(JobSnapshot, ON_JOB)
        .where(col(Application.candidate_id) == candidate_id, _stands_at(status))
    )
    return await newest_of(
        session, listed, Application, MyApplyOut, paging, lambda row: row.apply_id
    )


async def cvs_of_candidate(session: ReadSession, candidate_id: UUID) -> list[str]:
    """Return the references to stored files that went with a candidate's applications."""
    cv = col(Application.cv_url)
    mine = select(cv).where(col(Application.candidate_id) == candidate_id)
    return list((await session.scalars(mine.where(cv.startswith("store:")).distinct())).all())


async def applies_of_job(
    session: ReadSession, job_id: UUID, status: Status | None, paging: Window
) -> Page[JobApplyOut]:
    """List a job's applications, newest first; with `status`, those that stand there."""
    listed: Listed = (
        select(
            col(Application.id).label("apply_id"),
            col(Application.candidate_id),
            _unless_erased(CandidateSnapshot.name).label("name"),
            _unless_erased(CandidateSnapshot.email).label("email"),
            _unless_erased(Application.cv_url).label("cv_url"),
            col(Application.cover_letter),
            col(Application.status),
            _DAY_APPLIED.label("applied_at"),
        )
        .outerjoin(CandidateSnapshot, _ON_CANDIDATE)
        .where(col(Application.job_id) == job_id, _stands_at(status))
    )
    found = await newest_of(
        session, listed, Application, JobApplyOut, paging, lambda row: row.apply_id
    )
    settings = runtime_in(session).settings
    linked = [
        apply.model_copy(update={"cv_url": file_url(settings, apply.cv_url)})
        for apply in found.items
    ]
    return replace(found, items=linked)


def _unless_erased(text: str) -> ColumnElement[str | None]:
    return func.nullif(col(text), "")


def _stands_at(status: Status | None) -> ColumnElement[bool]:
    return true() if status is None else col(Application.status) == status
