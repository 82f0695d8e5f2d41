"""Applying for a job."""

from uuid import UUID

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.jobs import JobFacts
from libs.common.db import WriteSession
from libs.common.files import cv_reference
from libs.common.messaging import publish
from libs.common.service import runtime_in
from services.applications.commands.sealing import job_to_apply_for
from services.applications.commands.snapshots import hold_candidate
from services.applications.facts import facts_of
from services.applications.models import Application
from services.applications.rules import Status, check_open, choose_cv
from services.applications.schemas.applying import ApplyIn


async def apply_for(
    session: WriteSession, candidate_id: UUID, heard: JobFacts, sent: ApplyIn
) -> Application:
    """Make an application for the job `heard` of.

    Raises:
        JobExpired, JobClosed: it takes none; what happens meanwhile, the database sees.
        CvRequired: none was sent, and the candidate has no default CV (that is known here).
        AlreadyApplied: at the flush; the database decides.
        TokenInvalid: he has just been erased.
        ValidationError: the CV's address is neither https nor a link to his own.
    """
    now = clock.now()
    job = await job_to_apply_for(session, heard)
    check_open(job.status, job.expires_at, job.sealed_until, now)
    candidate = await hold_candidate(session, candidate_id)
    cv_sent = _cv_sent(session, candidate_id, sent)
    application = Application(
        job_id=job.job_id,
        candidate_id=candidate_id,
        cv_url=choose_cv(cv_sent, candidate.cv_url if candidate else None),
        cover_letter=sent.cover_letter,
        status=Status.APPLIED,
        applied_at=now,
        updated_at=now,
    )
    session.add(application)
    await session.flush()
    said = facts_of(application, job, candidate)
    publish(session, ApplicationSubmitted(**said, submitted_at=now))
    return application


def _cv_sent(session: WriteSession, candidate_id: UUID, sent: ApplyIn) -> str | None:
    if sent.cv_url is None:
        return None
    return cv_reference(runtime_in(session).settings, sent.cv_url, candidate_id)
