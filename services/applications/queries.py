"""What candidates and employers read of applications."""

from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, null, or_, select, true
from sqlmodel import col

from libs.common.clock import VIETNAM
from libs.common.db import ReadSession
from libs.common.errors import NotFound
from libs.common.files import file_url
from libs.common.identity import Identity
from libs.common.pagination import Page, Window, feed_page, page, part_of
from libs.common.service import runtime_in
from services.applications.models import (
    Application,
    ApplicationMove,
    CandidateSnapshot,
    JobSnapshot,
)
from services.applications.rules import Status
from services.applications.schemas import JobApplyOut, MoveOut, MyApplyOut

Shown = TypeVar("Shown", MyApplyOut, JobApplyOut)
_Listed = Select[*tuple[Any, ...]]
_ON_JOB = col(JobSnapshot.job_id) == col(Application.job_id)
_ON_CANDIDATE = col(CandidateSnapshot.candidate_id) == col(Application.candidate_id)

_DAY_APPLIED = cast(func.timezone(str(VIETNAM), col(Application.applied_at)), Date)


async def applies_of_candidate(
    session: ReadSession, candidate_id: UUID, status: Status | None, paging: Window
) -> Page[MyApplyOut]:
    """List a candidate's applications, newest first; with `status`, those that stand there."""
    listed: _Listed = (
        select(
            col(Application.id).label("apply_id"),
            col(Application.job_id),
            col(JobSnapshot.title).label("job_title"),
            col(JobSnapshot.company_name),
            col(Application.status),
            _DAY_APPLIED.label("date"),
        )
        .join(JobSnapshot, _ON_JOB)
        .where(col(Application.candidate_id) == candidate_id, _stands_at(status))
    )
    return await _newest(session, listed, MyApplyOut, paging)


async def cvs_of_candidate(session: ReadSession, candidate_id: UUID) -> list[str]:
    """Return the references to stored files that went with a candidate's applications."""
    cv = col(Application.cv_url)
    mine = select(cv).where(col(Application.candidate_id) == candidate_id)
    return list((await session.scalars(mine.where(cv.startswith("store:")).distinct())).all())


async def applies_of_job(
    session: ReadSession, job_id: UUID, status: Status | None, paging: Window
) -> Page[JobApplyOut]:
    """List a job's applications, newest first; with `status`, those that stand there."""
    listed: _Listed = (
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
    found = await _newest(session, listed, JobApplyOut, paging)
    settings = runtime_in(session).settings
    linked = [
        apply.model_copy(update={"cv_url": file_url(settings, apply.cv_url)})
        for apply in found.items
    ]
    return replace(found, items=linked)


async def history_of_application(
    session: ReadSession, me: Identity, apply_id: UUID, paging: Window
) -> Page[MoveOut]:
    """List an application's moves, oldest first; the notes are for the job's employer alone.

    Raises:
        NotFound: there is no such application, or it is none of `me`'s.
    """
    mine = or_(
        col(Application.candidate_id) == me.user_id, col(JobSnapshot.employer_id) == me.user_id
    )
    employer_id = await session.scalar(
        select(col(JobSnapshot.employer_id))
        .join(Application, _ON_JOB)
        .where(col(Application.id) == apply_id, mine)
    )
    if employer_id is None:
        raise NotFound
    listed: _Listed = select(
        col(ApplicationMove.from_status).label("from"),
        col(ApplicationMove.to_status).label("to"),
        col(ApplicationMove.moved_by).label("by"),
        col(ApplicationMove.moved_at).label("at"),
        (col(ApplicationMove.note) if employer_id == me.user_id else null()).label("note"),
    ).where(col(ApplicationMove.application_id) == apply_id)
    part = listed.order_by(col(ApplicationMove.id)).limit(paging.limit).offset(paging.offset)
    rows = (await session.execute(part)).mappings()
    moves = [MoveOut.model_validate(row) for row in rows]
    return page(moves, await _count(session, listed), paging)


def _unless_erased(text: str) -> ColumnElement[str | None]:
    return func.nullif(col(text), "")


def _stands_at(status: Status | None) -> ColumnElement[bool]:
    return true() if status is None else col(Application.status) == status


async def _newest(
    session: ReadSession, listed: _Listed, shown: type[Shown], paging: Window
) -> Page[Shown]:
    """Read one part of a list of applications, newest first, and count the whole of it."""
    part = part_of(listed, paging, col(Application.id), newest_first=True)
    rows = [shown.model_validate(row) for row in (await session.execute(part)).mappings()]
    return feed_page(rows, await _count(session, listed), paging, lambda row: row.apply_id)


async def _count(session: ReadSession, listed: _Listed) -> int:
    return await session.scalar(select(func.count()).select_from(listed.subquery())) or 0
