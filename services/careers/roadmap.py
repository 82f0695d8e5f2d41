"""The way to a role: what it needs, what of that a candidate has, and in which order; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from libs.common.text import fold
from services.careers.entries import DATA, CatalogueWrong, canonical, tables_of
from services.careers.words import words_of

USUAL = 50.0
"""Priority of what a role usually needs, where no postings tell how often it is asked for."""

Advice = tuple[str, dict[str, Any]]
"""Key of a message, and its values: `skill`, `before` and `after` are ids of skills."""


@dataclass(frozen=True, slots=True)
class Step:
    """A skill on the way."""

    skill: int
    is_missing: bool
    priority: float
    """0 to 100: how many percent ask for it, or for what is missing and builds on it."""
    asked: float
    """How many percent ask for itself."""


def way(
    asked: Mapping[int, float], has: Collection[int], before: Mapping[int, Collection[int]]
) -> list[Step]:
    """Order the skills of a role: those missing first, by priority, and then the others.

    A skill on which another missing one builds takes over its priority, and so comes before it.

    Args:
        asked: skill -> how many percent ask for it; among equals the order is kept.
        has: the skills that the candidate has.
        before: skill -> all that it builds on, however far down.
    """
    missing = [skill for skill in asked if skill not in has]
    building = {
        skill: [other for other in missing if skill in before.get(other, ())] for skill in missing
    }

    def step(skill: int) -> Step:
        raised = (asked[other] for other in (skill, *building.get(skill, ())))
        return Step(skill, skill not in has, max(raised), asked[skill])

    def place(step: Step) -> tuple[bool, float, int]:
        below = sum(other in before.get(step.skill, ()) for other in missing)
        return not step.is_missing, -step.priority, below * step.is_missing

    return sorted(map(step, asked), key=place)


def coverage(steps: Sequence[Step]) -> float | None:
    """Return how many percent of the skills the candidate has; None where none is needed."""
    held = sum(not step.is_missing for step in steps)
    return round(100 * held / len(steps), 1) if steps else None


def advice(
    steps: Sequence[Step], before: Mapping[int, Collection[int]], *, by_postings: bool
) -> list[Advice]:
    """Return what to do first, and what else to mind.

    Args:
        by_postings: the percentages are those of postings.
    """
    missing = [step for step in steps if step.is_missing]
    if not missing:
        return [("roadmap_covered", {})] if steps else []
    first = missing[0]
    given: list[Advice] = [("roadmap_begin", {"skill": first.skill})]
    if by_postings and first.asked == first.priority:
        given = [("roadmap_focus", {"skill": first.skill, "percentage": f"{first.asked:.0f}"})]
    for step in missing[1:]:
        lower = [one.skill for one in missing if one.skill in before.get(step.skill, ())]
        if lower:
            return [*given, ("roadmap_before", {"before": lower[-1], "after": step.skill})]
    return given


@cache
def usual_skills() -> list[tuple[frozenset[str], tuple[int, ...]]]:
    """Return what roles usually need: words of a role's name, and skills by how much they matter.

    Raises:
        CatalogueWrong: the catalogue that ships with the service cannot be used.
    """
    return read_roles(DATA / "roles")


def read_roles(folder: Path) -> list[tuple[frozenset[str], tuple[int, ...]]]:
    """Read and validate a catalogue of roles.

    Raises:
        CatalogueWrong: a skill that the taxonomy does not have, or a name that stands there twice.
    """
    found: dict[frozenset[str], tuple[int, ...]] = {}
    for file, table in tables_of(folder):
        for role in table["roles"]:
            skills = tuple(canonical(name, file).id for name in role["skills"])
            for name in role["names"]:
                if (words := _words(name)) in found:
                    raise CatalogueWrong(f"{file}: the role {name!r} stands there twice")
                found[words] = skills
    return list(found.items())


def needed_for(role: str) -> tuple[int, ...]:
    """Return what a role usually needs, of the name that shares most words with it."""
    words = _words(role)
    named = [(len(name), skills) for name, skills in usual_skills() if name <= words]
    return max(named, key=lambda one: one[0])[1] if named else ()


def _words(role: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words_of(fold(role)))
