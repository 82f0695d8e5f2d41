"""What a role's postings ask for, and what somebody lacks of it; pure."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Required:
    """A skill that enough postings ask for."""

    skill: int
    percentage: float
    """Of the postings, to a hundredth, and never below the threshold."""


def required(skills: Mapping[int, int], postings: int, threshold: float) -> list[Required]:
    """Return the skills that at least this share (0 to 1) of the postings asks for, most first."""
    least = Fraction(str(threshold)) * postings
    asked = sorted((-count, skill) for skill, count in skills.items() if count >= least)
    return [
        Required(skill, max(round(-100 * count / postings, 2), round(100 * threshold, 2)))
        for count, skill in asked
    ]


def coverage(needed: Iterable[Required], has: Set[int]) -> float | None:
    """Return how many percent of the skills somebody has; None where none is needed."""
    having = [one.skill in has for one in needed]
    return round(100 * sum(having) / len(having), 1) if having else None
