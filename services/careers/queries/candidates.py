"""What is known of whoever asks for advice."""

from uuid import UUID

from libs.common.sessions import ReadSession
from services.careers.candidates import Candidate, candidate_of
from services.careers.models import CandidateSnapshot


async def candidate(session: ReadSession, user_id: UUID) -> Candidate:
    """Return a person as the auth service told of him; nobody's profile is empty."""
    known = await session.get(CandidateSnapshot, user_id)
    if known is None:
        return Candidate()
    roles, level = known.target_roles, known.experience_level
    return candidate_of(known.skill_ids, known.skills, roles, level)
