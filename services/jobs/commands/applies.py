"""Who applied for a job."""

from sqlalchemy.dialects.postgresql import insert

from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.db import WriteSession
from libs.common.snapshots import ERASED
from services.jobs.models import CandidateSnapshot, JobApply


async def keep_apply(session: WriteSession, applied: ApplicationSubmitted) -> None:
    """Remember an application, once, however often it is told; of whom was erased, not whose."""
    heard = applied.model_dump(include=set(JobApply.model_fields))
    # Whoever is erased meanwhile waits, and finds the row that is written here.
    who = await session.get(CandidateSnapshot, applied.candidate_id, with_for_update={"read": True})
    if who is not None and who.version == ERASED:
        heard["candidate_id"] = None
    await session.execute(insert(JobApply).values(heard).on_conflict_do_nothing())
