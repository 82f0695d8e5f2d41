"""What the careers service holds of people."""

from typing import Any
from uuid import UUID

from libs.common.privacy import PersonalData
from libs.common.sessions import ReadSession, WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.careers.models import CandidateSnapshot


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return what he is advised by."""
    candidate = await session.get(CandidateSnapshot, person)
    return {"candidate": candidate.model_dump(exclude={"version"}) if candidate else None}


async def erase(session: WriteSession, person: UUID) -> None:
    """Leave his id alone, against facts of him that come late."""
    nobody: dict[str, Any] = {"candidate_id": person, "skill_ids": [], "skills": []}
    nobody |= {"target_roles": [], "experience_level": None, "version": ERASED}
    await keep_newest(session, CandidateSnapshot, nobody)


personal_data = PersonalData(
    holds="A candidate's skills, level and the roles he aims for; of one who is erased his id "
    "alone. Occupations are nobody.",
    export=export,
    erase=erase,
)
