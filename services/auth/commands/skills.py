"""The skills of the reference data that a candidate has, whether he chose or named them."""

from uuid import UUID

from sqlmodel import col, delete

from libs.common.sessions import WriteSession
from services.auth.models import CandidateSkill
from services.auth.queries import skills_named, skills_of


async def name_skills(session: WriteSession, candidate_id: UUID, names: list[str]) -> bool:
    """Let a candidate have the skills that are known of `names`; see `replace_skills`."""
    named = await skills_named(session, names)
    return await replace_skills(session, candidate_id, list(dict.fromkeys(named.values())))


async def replace_skills(session: WriteSession, candidate_id: UUID, skill_ids: list[int]) -> bool:
    """Let a candidate have these skills and no others; return whether that changes anything."""
    if list(await skills_of(session, candidate_id)) == skill_ids:
        return False
    mine = col(CandidateSkill.account_id) == candidate_id
    await session.exec(delete(CandidateSkill).where(mine))
    session.add_all(
        CandidateSkill(account_id=candidate_id, skill_id=skill_id, position=position)
        for position, skill_id in enumerate(skill_ids)
    )
    return True
