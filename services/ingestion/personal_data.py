"""What the ingestion service holds of people: candidates alone; postings name firms."""

from typing import Any
from uuid import UUID

from libs.common.privacy import PersonalData
from libs.common.sessions import ReadSession, WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.ingestion.models import CandidateSnapshot


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return what he is compared by with what postings ask for."""
    candidate = await session.get(CandidateSnapshot, person)
    return {"candidate": candidate.model_dump(exclude={"version"}) if candidate else None}


async def erase(session: WriteSession, person: UUID) -> None:
    """Leave his id alone, against facts of him that come late."""
    nobody: dict[str, Any] = {"candidate_id": person, "skill_ids": [], "skills": []}
    nobody |= {"target_roles": [], "version": ERASED}
    await keep_newest(session, CandidateSnapshot, nobody)


personal_data = PersonalData(
    holds="A candidate's skills and the roles he aims for; of one who is erased his id alone. "
    "Postings are found in public, and name firms.",
    export=export,
    erase=erase,
)
