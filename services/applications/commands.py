"""What candidates and employers do with applications, and what is kept of others' facts."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from libs.common import clock
from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationSubmitted
from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import JobFacts
from libs.common.db import WriteSession
from libs.common.errors import NotFound
from libs.common.messaging import publish
from libs.common.snapshots import keep_newest
from services.applications.models import (
    Application,
    ApplicationMove,
    CandidateSnapshot,
    JobSnapshot,
)
from services.applications.rules import Status, check_open, choose_cv, move
from services.applications.schemas import ApplyIn, StatusIn


async def apply_for(
    session: WriteSession, candidate_id: UUID, heard: JobFacts, sent: ApplyIn
) -> Application:
    """Make an application for the job `heard` of.

    Raises:
        JobExpired, JobClosed: it takes none.
        CvRequired: none was sent, and the candidate has no default CV (that is known here).
        AlreadyApplied: at the flush; the database decides.
    """
    now = clock.now()
    job = await _hold_job(session, heard)
    check_open(job.status, job.expires_at, now)
    candidate = await session.get(CandidateSnapshot, candidate_id)
    application = Application(
        job_id=job.job_id,
        candidate_id=candidate_id,
        cv_url=choose_cv(sent.cv_url, candidate.cv_url if candidate else None),
        cover_letter=sent.cover_letter,
        status=Status.APPLIED,
        applied_at=now,
        updated_at=now,
    )
    session.add(application)
    await session.flush()
    said = _said_of(application, job, candidate)
    publish(session, ApplicationSubmitted(**said, submitted_at=now))
    return application


async def move_application(
    session: WriteSession, employer_id: UUID, apply_id: UUID, wanted: StatusIn
) -> Application:
    """Move an application for one of the employer's jobs to another status, and keep the move.

    Raises:
        NotFound: there is no such application for a job of his.
        InvalidStatusTransition: it does not go there from where it is.
    """
    application, job, candidate = await _hold_application(session, employer_id, apply_id)
    present = Status(application.status)
    if not move(present, wanted.status):
        return application
    application.status, application.updated_at = wanted.status, clock.now()
    made = ApplicationMove(
        application_id=apply_id,
        from_status=present,
        to_status=wanted.status,
        moved_by=employer_id,
        moved_at=application.updated_at,
        note=wanted.note,
    )
    session.add(made)
    changed = {"from_status": present, "to_status": wanted.status, "changed_at": made.moved_at}
    publish(session, ApplicationStatusChanged(**_said_of(application, job, candidate), **changed))
    return application


async def keep_job(session: WriteSession, job: JobFacts) -> None:
    """Remember a job, unless something newer of it is known already."""
    await keep_newest(session, JobSnapshot, job.model_dump())


async def keep_candidate(session: WriteSession, candidate: CandidateUpdated) -> None:
    """Remember a candidate, unless something newer of him is known already."""
    await keep_newest(session, CandidateSnapshot, candidate.model_dump(exclude={"skill_ids"}))


async def _hold_job(session: WriteSession, heard: JobFacts) -> JobSnapshot:
    """Return the job as known now; it cannot be closed here before this transaction ends."""
    held = select(JobSnapshot).where(JobSnapshot.job_id == heard.job_id).with_for_update(read=True)
    job = (await session.exec(held)).first()
    if job is None:
        await keep_job(session, heard)
        job = (await session.exec(held)).one()
    return job


async def _hold_application(
    session: WriteSession, employer_id: UUID, apply_id: UUID
) -> tuple[Application, JobSnapshot, CandidateSnapshot | None]:
    held = (
        select(Application, JobSnapshot, CandidateSnapshot)
        .join(JobSnapshot, col(JobSnapshot.job_id) == Application.job_id)
        .outerjoin(
            CandidateSnapshot, col(CandidateSnapshot.candidate_id) == Application.candidate_id
        )
        .where(Application.id == apply_id, JobSnapshot.employer_id == employer_id)
        .with_for_update(of=Application)
    )
    found = (await session.exec(held)).first()
    if found is None:
        raise NotFound
    return found


def _said_of(
    application: Application, job: JobSnapshot, candidate: CandidateSnapshot | None
) -> dict[str, Any]:
    """Return what every event of an application carries; a name not known yet is empty."""
    return {
        "application_id": application.id,
        "job_id": job.job_id,
        "job_title": job.title,
        "company_name": job.company_name,
        "employer_id": job.employer_id,
        "candidate_id": application.candidate_id,
        "candidate_name": candidate.name if candidate else "",
    }
