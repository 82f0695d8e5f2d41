"""Rating a job."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from libs.common import clock
from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from services.applications.commands.snapshots import hold_candidate
from services.applications.errors import FeedbackNotAllowed
from services.applications.models import Application, Feedback, JobSnapshot
from services.applications.rules import RATED_FROM
from services.applications.schemas.feedback import FeedbackIn

_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:employer_id, 0))")
_TOTALS = text(
    """
    SELECT count(*) AS employer_count, sum(rank) AS employer_sum,
        count(*) FILTER (WHERE job_id = :job_id) AS job_count,
        sum(rank) FILTER (WHERE job_id = :job_id) AS job_sum
    FROM feedbacks WHERE employer_id = :employer_id
    """
)


async def give_feedback(
    session: WriteSession, candidate_id: UUID, job_id: UUID, sent: FeedbackIn
) -> Feedback:
    """Keep what a candidate says of a job that he was accepted for.

    Raises:
        FeedbackNotAllowed: he was not.
        AlreadyReviewed: he has rated it.
        TokenInvalid: he has just been erased.
    """
    await hold_candidate(session, candidate_id)
    job = await _job_of(session, candidate_id, job_id)
    feedback = Feedback(
        job_id=job_id,
        employer_id=job.employer_id,
        candidate_id=candidate_id,
        rank=sent.rank,
        content=sent.content,
        created_at=clock.now(),
    )
    # Who rates the same employer waits: the totals that are told count one up each time.
    await session.execute(_IN_TURN, {"employer_id": str(feedback.employer_id)})
    session.add(feedback)
    await session.flush()
    publish(session, await _said_of(session, feedback, job.title))
    return feedback


async def _job_of(session: WriteSession, candidate_id: UUID, job_id: UUID) -> JobSnapshot:
    """Return the job that the candidate was accepted for: from there no way leads back."""
    accepted = (
        select(JobSnapshot)
        .join(Application, col(Application.job_id) == JobSnapshot.job_id)
        .where(
            Application.candidate_id == candidate_id,
            Application.job_id == job_id,
            col(Application.status).in_(RATED_FROM),
        )
    )
    job = (await session.exec(accepted)).first()
    if job is None:
        raise FeedbackNotAllowed
    return job


async def _said_of(session: WriteSession, feedback: Feedback, job_title: str) -> FeedbackSubmitted:
    of: dict[str, Any] = {"job_id": feedback.job_id, "employer_id": feedback.employer_id}
    totals = (await session.execute(_TOTALS, of)).mappings().one()
    return FeedbackSubmitted(
        feedback_id=feedback.id,
        job_title=job_title,
        rank=feedback.rank,
        submitted_at=feedback.created_at,
        **of,
        **totals,
    )
