"""A candidate as advice is given to him: what he can, what he aims for, how far he is; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from libs.common.reference.lookup import ids_of, skill_named
from libs.common.text import fold

_STAGES = (
    r"intern\w*|trainee|fresher|entry|graduate|junior|jr|beginner|thuc tap( sinh)?|moi tot nghiep",
    r"mid\w*|intermediate|nhan vien|chuyen vien",
    r"senior|sr|lead|leader|principal|staff|architect|expert|chuyen gia|advanced",
    r"manager|head|director|truong (nhom|phong)|quan ly|giam doc",
)
_NAMED = [re.compile(rf"\b({words})\b") for words in _STAGES]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whoever asks; without a candidate's profile he has no skills and no roles."""

    skills: frozenset[int] = frozenset()
    """Ids of the taxonomy."""
    skill_count: int = 0
    """Of all that he named, those included that the taxonomy does not know."""
    target_roles: tuple[str, ...] = ()
    stage: int | None = None
    """0 a beginner, 1 in the middle, 2 experienced; None where he does not say."""


def candidate_of(
    skill_ids: Sequence[int], named: Sequence[str], roles: Sequence[str], level: str | None
) -> Candidate:
    """Return a candidate by his profile: `named` are skills in his own words, by any alias."""
    skills = frozenset(skill_ids) | frozenset(ids_of(named))
    unknown = {fold(name) for name in named if skill_named(name) is None}
    return Candidate(skills, len(skills) + len(unknown), tuple(roles), stage_of(level or ""))


def stage_of(level: str) -> int | None:
    """Return the stage that the words of an experience level name: the highest of them."""
    words = fold(level)
    named = [stage for stage, names in enumerate(_NAMED) if names.search(words)]
    return min(max(named), 2) if named else None
