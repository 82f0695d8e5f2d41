"""What postings of a role ask for and pay: for careers, and beside what a candidate can."""

from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.reference.lookup import ids_of, name_of
from libs.common.rows import Rows
from libs.common.sessions import ReadSession
from libs.common.text import fold
from services.ingestion.errors import InsufficientData, NoDemandKnown, RoleNotTargeted
from services.ingestion.gap import coverage, required
from services.ingestion.market.enough import LEAST, reason
from services.ingestion.models import CandidateSnapshot
from services.ingestion.queries.kept import kept
from services.ingestion.queries.market import pay, whole_pay
from services.ingestion.queries.roles import Sample, sample_of
from services.ingestion.queries.rollups import last_days
from services.ingestion.schemas.gap import GapOut, RequiredSkillOut
from services.ingestion.schemas.market import RoleFilterOut, SalariesOut


async def demand(rows: Rows, role: str, days: int, threshold: float) -> dict[str, Any]:
    """Return which skills at least this share of a role's postings asks for, in percent.

    Raises:
        NoDemandKnown: there are fewer than ten postings.
    """
    sample = await sample_of(rows, role, days)
    if reason(sample.postings):
        raise NoDemandKnown
    needed = required(sample.skills, sample.postings, threshold)
    return {
        "role": role,
        "postings": sample.postings,
        "window_days": days,
        "skills": [
            {"skill": name_of(one.skill), "skill_id": one.skill, "percentage": one.percentage}
            for one in needed
        ],
    }


async def targeted(session: ReadSession, user_id: UUID, asked: str) -> tuple[str, set[int]]:
    """Return a role in the candidate's own words, and the ids of the skills that he has.

    Raises:
        RoleNotTargeted: he does not aim for it; whoever is no candidate aims for none.
    """
    known = await session.get(CandidateSnapshot, user_id)
    roles = known.target_roles if known else []
    for role in roles:
        if known and fold(role) == fold(asked):
            return role, {*known.skill_ids, *ids_of(known.skills)}
    raise RoleNotTargeted({"target_roles": roles})


async def gap(rows: Rows, role: str, has: set[int], days: int, threshold: float) -> GapOut:
    """Return what a role's postings ask for, beside the skills that somebody has.

    Raises:
        InsufficientData: there are fewer than ten postings.
    """
    sample = await sample_of(rows, role, days)
    if reason(sample.postings):
        found = {"postings": sample.postings, "needed": LEAST, "window_days": days}
        raise InsufficientData(found)
    needed = required(sample.skills, sample.postings, threshold)
    return GapOut(
        role=role,
        total_postings_analyzed=sample.postings,
        required_skills=[
            RequiredSkillOut(
                skill=name_of(one.skill),
                required_percentage=one.percentage,
                user_has=one.skill in has,
            )
            for one in needed
        ],
        missing_skills=[name_of(one.skill) for one in needed if one.skill not in has],
        coverage_percentage=coverage(needed, has),
        skill_match_count=sum(one.skill in has for one in needed),
        total_required_skills=len(needed),
        window_days=days,
        threshold=threshold,
        filter=_filter(sample),
    )


async def salaries(rows: Rows, role: str | None, days: int) -> SalariesOut:
    """Return what the last days' postings pay: of a role, or all of them."""
    if role is not None:
        sample = await sample_of(rows, role, days)
        about = {"generated_at": sample.instant, "filter": _filter(sample)}
        paid = pay(sample.postings, sample.salaries)
        return SalariesOut(role=role, window_days=days, **about, **paid)

    async def make(instant: datetime) -> SalariesOut:
        first, last = last_days(days)
        everything = RoleFilterOut(
            matched_by=None, role=None, title_words=[], posted_from=first, posted_to=last
        )
        about = {"generated_at": instant, "filter": everything}
        paid = pay(*await whole_pay(rows, days))
        return SalariesOut(role=None, window_days=days, **about, **paid)

    return await kept(rows, make, "salaries", days)


def _filter(sample: Sample) -> RoleFilterOut:
    return RoleFilterOut(
        matched_by="role" if sample.role else "title",
        role=sample.role,
        title_words=sample.words,
        posted_from=sample.posted_from,
        posted_to=sample.posted_to,
    )
