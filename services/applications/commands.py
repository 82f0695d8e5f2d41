"""What candidates and employers do with applications, and what is kept of others' facts."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, func, select

from libs.common import clock
from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationSubmitted
from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.jobs import JobFacts
from libs.common.db import Database, WriteSession
from libs.common.errors import NotFound, TokenInvalid
from libs.common.files import cv_reference
from libs.common.messaging import publish
from libs.common.peers import Peer
from libs.common.service import runtime_in
from libs.common.snapshots import ERASED, keep_newest
from services.applications.errors import JobHasPendingApplies
from services.applications.models import (
    Application,
    ApplicationMove,
    CandidateSnapshot,
    JobSnapshot,
)
from services.applications.rules import (
    PENDING,
    SEAL_LASTS,
    Status,
    check_open,
    choose_cv,
    has_lapsed,
    move,
)
from services.applications.schemas import ApplyIn, StatusIn


async def apply_for(
    session: WriteSession, candidate_id: UUID, heard: JobFacts, sent: ApplyIn
) -> Application:
    """Make an application for the job `heard` of.

    Raises:
        JobExpired, JobClosed: it takes none.
        CvRequired: none was sent, and the candidate has no default CV (that is known here).
        AlreadyApplied: at the flush; the database decides.
        TokenInvalid: he has just been erased.
        ValidationError: the CV's address is neither https nor a link to his own.
    """
    now = clock.now()
    job = await _hold_job(session, heard)
    check_open(job.status, job.expires_at, job.sealed_until, now)
    candidate = await _hold_candidate(session, candidate_id)
    application = Application(
        job_id=job.job_id,
        candidate_id=candidate_id,
        cv_url=choose_cv(
            _cv_sent(session, candidate_id, sent), candidate.cv_url if candidate else None
        ),
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


async def seal_job(session: WriteSession, heard: JobFacts) -> None:
    """Let a job take no applications for `SEAL_LASTS`: it is being closed.

    Raises:
        JobHasPendingApplies: somebody waits for an answer.
    """
    await keep_job(session, heard)
    held = select(JobSnapshot).where(JobSnapshot.job_id == heard.job_id).with_for_update()
    job = (await session.exec(held)).one()
    waiting = select(func.count()).where(
        Application.job_id == heard.job_id, col(Application.status).in_(PENDING)
    )
    if pending := (await session.exec(waiting)).one():
        raise JobHasPendingApplies({"pending": pending})
    job.sealed_until = clock.now() + SEAL_LASTS


async def known_job(db: Database, jobs: Peer, job_id: UUID, token: str) -> JobFacts:
    """Return a job, asking its owner where that was not heard of, or a seal ran out on it.

    Each look at the database is a transaction of its own: nothing is held while the peer is asked.

    Raises:
        NotFound: nobody knows it.
        ServiceUnavailable: only the jobs service could tell, and it does not answer.
    """
    async with db.read() as session:
        known = await session.get(JobSnapshot, job_id)
    if known and not has_lapsed(known.status, known.sealed_until, clock.now()):
        return JobFacts.model_validate(known, from_attributes=True)
    answer = await jobs.get(f"/internal/jobs/{job_id}", token)
    if answer is None:
        raise NotFound
    heard = JobFacts.model_validate(answer)
    if known:
        async with db.write() as session:
            await _lift_seal(session, known, heard)
    return heard


async def _lift_seal(session: WriteSession, sealed: JobSnapshot, heard: JobFacts) -> None:
    """Take off a seal that had run out before `heard` was asked; a newer one stays."""
    await keep_job(session, heard)
    its = (col(JobSnapshot.job_id) == sealed.job_id) & (
        col(JobSnapshot.sealed_until) == sealed.sealed_until
    )
    await session.execute(update(JobSnapshot).where(its).values(sealed_until=None))


async def keep_job(session: WriteSession, job: JobFacts) -> None:
    """Remember a job, unless something newer of it is known already."""
    await keep_newest(session, JobSnapshot, job.model_dump())


async def keep_candidate(session: WriteSession, candidate: CandidateUpdated) -> None:
    """Remember a candidate, unless something newer of him is known already."""
    facts = candidate.model_dump(include=set(CandidateSnapshot.model_fields))
    await keep_newest(session, CandidateSnapshot, facts)


def _cv_sent(session: WriteSession, candidate_id: UUID, sent: ApplyIn) -> str | None:
    if sent.cv_url is None:
        return None
    return cv_reference(runtime_in(session).settings, sent.cv_url, candidate_id)


async def _hold_job(session: WriteSession, heard: JobFacts) -> JobSnapshot:
    """Return the job as known now; it cannot be sealed or closed before this transaction ends."""
    held = select(JobSnapshot).where(JobSnapshot.job_id == heard.job_id).with_for_update(read=True)
    job = (await session.exec(held)).first()
    if job is None:
        await keep_job(session, heard)
        job = (await session.exec(held)).one()
    return job


async def _hold_candidate(session: WriteSession, candidate_id: UUID) -> CandidateSnapshot | None:
    """Return what is known of a candidate, who is not erased before this transaction ends."""
    candidate = await session.get(CandidateSnapshot, candidate_id, with_for_update={"read": True})
    if candidate is not None and candidate.version == ERASED:
        raise TokenInvalid
    return candidate


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
