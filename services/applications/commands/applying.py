"""Applying for a job."""

from uuid import UUID

from libs.common import clock
from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.contracts.jobs import JobFacts
from libs.common.files import cv_reference
from libs.common.ids import new_id
from libs.common.messaging import publish
from libs.common.service import runtime_in
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.applications.commands.snapshots import hold_candidate
from services.applications.errors import CvRequired
from services.applications.facts import facts_of
from services.applications.rules import Status, check_open
from services.applications.schemas.applying import ApplyIn, ApplyOut

# One statement for all: this is what is asked for most. Whoever is being erased waits, or is gone.
_ADD = """
    WITH him AS MATERIALIZED (
        SELECT name, cv_url, version FROM candidate_snapshots
        WHERE candidate_id = :candidate_id FOR SHARE
    )
    INSERT INTO applications (
        id, job_id, candidate_id, cv_url, cover_letter, status, applied_at, updated_at
    )
    SELECT :id, :job_id, :candidate_id, coalesce(:cv_url, him.cv_url), :cover_letter, :status,
        :now, :now
    FROM (VALUES (true)) AS one (row) LEFT JOIN him ON row
    WHERE him.version IS DISTINCT FROM :erased AND coalesce(:cv_url, him.cv_url) IS NOT NULL
    RETURNING (SELECT name FROM him)
    """


async def apply_for(
    session: WriteSession, candidate_id: UUID, job: JobFacts, sent: ApplyIn
) -> ApplyOut:
    """Make an application, and return it.

    Raises:
        NotFound, JobExpired, JobClosed: the job takes none; what happens to it meanwhile, and
            whether it is sealed, the database sees.
        CvRequired: none was sent, and the candidate has no default CV (that is known here).
        AlreadyApplied: the database decides.
        TokenInvalid: he has just been erased.
        ValidationError: the CV's address is neither https nor a link to his own.
    """
    now = clock.now()
    check_open(job.status, job.expires_at, now)
    applied = ApplyOut(apply_id=new_id(), job_id=job.job_id, status=Status.APPLIED, applied_at=now)
    cv_url = _cv_sent(session, candidate_id, sent)
    found = await session.run(
        _ADD,
        id=applied.apply_id,
        job_id=job.job_id,
        candidate_id=candidate_id,
        cv_url=cv_url,
        cover_letter=sent.cover_letter,
        status=Status.APPLIED.value,
        now=now,
        erased=ERASED,
    )
    if not found:
        await hold_candidate(session, candidate_id)
        raise CvRequired
    [(name,)] = found
    said = facts_of(applied.apply_id, candidate_id, job, name)
    publish(session, ApplicationSubmitted(**said, submitted_at=now))
    return applied


def _cv_sent(session: WriteSession, candidate_id: UUID, sent: ApplyIn) -> str | None:
    if sent.cv_url is None:
        return None
    return cv_reference(runtime_in(session).settings, sent.cv_url, candidate_id)
