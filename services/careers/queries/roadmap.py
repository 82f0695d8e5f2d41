"""The way to a role, by what postings ask for where that can be told."""

from typing import Any

from libs.common.errors import ServiceUnavailable
from libs.common.i18n import say
from libs.common.peers import Peer
from libs.common.reference.lookup import name_of, skill_numbered
from libs.common.text import fold
from services.careers.candidates import Candidate
from services.careers.errors import RoleNotTargeted
from services.careers.learning import learning
from services.careers.roadmap import USUAL, Advice, Step, advice, coverage, needed_for, way
from services.careers.schemas.learning import GapAnalysis, RoadmapOut, SkillPathOut

_POSTINGS = {"days": 365, "threshold": 0.1}
"""Which are looked at, and what part of them has to ask for a skill."""


def role_of(who: Candidate, asked: str | None) -> str | None:
    """Return the role that a roadmap is for, in the candidate's words; None if he has none.

    Raises:
        RoleNotTargeted: he asked for one that he does not aim for.
    """
    if asked is None:
        return next(iter(who.target_roles), None)
    for role in who.target_roles:
        if fold(role) == fold(asked):
            return role
    raise RoleNotTargeted({"target_roles": who.target_roles})


async def roadmap(
    who: Candidate, role: str | None, ingestion: Peer | None, token: str
) -> RoadmapOut:
    """Return the way to a role, or what a person without one can deepen.

    Where postings tell nothing, which is said, it is made of what the role usually needs, and
    where that is not known of a person's own skills.

    Args:
        ingestion: asked what postings want, with the caller's `token`; None where nobody wants
            to know.
    """
    gap, asked = await _asked(role, ingestion, token)
    if not asked:
        asked = dict.fromkeys(needed_for(role or ""), USUAL)
    before = learning().before
    steps = way(asked or dict.fromkeys(sorted(who.skills), 0.0), who.skills, before)
    given = _why(gap, role)
    if asked:
        given += advice(steps, before, by_postings=gap == "included")
    elif role:
        given.append(("roadmap_unknown_role", {}))
    return RoadmapOut(
        target_role=role,
        skill_paths=[_path(step) for step in steps],
        total_skills=len(steps),
        missing_skills_count=sum(step.is_missing for step in steps),
        coverage_percentage=coverage(steps if asked else ()),
        recommendations=[_said(key, {**values, "role": role}) for key, values in given],
        gap_analysis=gap,
    )


async def _asked(
    role: str | None, ingestion: Peer | None, token: str
) -> tuple[GapAnalysis, dict[int, float]]:
    """Return how many percent of the role's postings ask for which skill, if they can be had."""
    if role is None or ingestion is None:
        return "skipped", {}
    try:
        found = await ingestion.get("/internal/demand", token, {"role": role, **_POSTINGS})
    except ServiceUnavailable:
        return "unavailable", {}
    told = {one["skill_id"]: one["percentage"] for one in (found or {"skills": ()})["skills"]}
    known = {id_: percentage for id_, percentage in told.items() if skill_numbered(id_)}
    return "included" if known else "insufficient_data", known


def _path(step: Step) -> SkillPathOut:
    return SkillPathOut(
        skill=name_of(step.skill),
        resources=list(learning().resources.get(step.skill, ())),
        is_missing=step.is_missing,
        priority_score=step.priority,
    )


def _why(gap: GapAnalysis, role: str | None) -> list[Advice]:
    if role is None:
        return [("roadmap_no_role", {})]
    return [(f"roadmap_{gap}", {})] if gap in {"unavailable", "insufficient_data"} else []


def _said(key: str, values: dict[str, Any]) -> str:
    named = {
        name: name_of(skill) if isinstance(skill, int) else skill for name, skill in values.items()
    }
    return say(f"messages.{key}", **named)
