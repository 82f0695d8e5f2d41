"""Who applied for a job."""

from libs.common.contracts.applications import ApplicationSubmitted
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED

# Whoever is erased meanwhile waits, and finds the row that is written here.
_KEEP = """
    WITH who AS MATERIALIZED (
        SELECT version FROM candidate_snapshots WHERE candidate_id = :candidate_id FOR SHARE
    )
    INSERT INTO job_applies (application_id, job_id, candidate_id)
    SELECT :application_id, :job_id,
        CASE WHEN :erased NOT IN (SELECT version FROM who) THEN CAST(:candidate_id AS uuid) END
    ON CONFLICT DO NOTHING
    """


async def keep_apply(session: WriteSession, applied: ApplicationSubmitted) -> None:
    """Remember an application, once, however often it is told; of whom was erased, not whose."""
    heard = applied.model_dump(include={"application_id", "job_id", "candidate_id"})
    await session.run(_KEEP, **heard, erased=ERASED)
