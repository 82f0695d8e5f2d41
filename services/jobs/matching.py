"""How well a job suits a candidate: factor by factor, weighed, and explained.

Of the factors only those count of which both sides have said something; who tells nothing but his
skills is measured by them alone (seed B's `fn_calculate_match_score`).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, log
from typing import Literal

from libs.common.reference.places import places_in
from libs.common.text import fold
from services.jobs.levels import rung_of, rung_of_years

Factor = Literal["skills", "role", "level", "place", "salary"]
WEIGHTS: Mapping[Factor, int] = {"skills": 60, "role": 10, "level": 10, "place": 10, "salary": 10}
FAR = 2
"""Rungs of the ladder between a job and a candidate from which it is not for him."""
NEUTRAL = log(1 + 10)
"""Rarity of a skill of which it is not known: as if each tenth job asked for it."""
_REMOTE = ("remote", "tu xa", "work from home", "wfh")
_CACHED = 8192


@dataclass(frozen=True, slots=True)
class Seeker:
    """What a candidate brings and wants; whatever he has not told is empty or None."""

    skills: Set[int] = frozenset()
    roles: tuple[str, ...] = ()
    level: str | None = None
    location: str | None = None
    pay: int | None = None
    """US dollars a month; more than 0."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a job asks for and gives."""

    skills: Mapping[int, float]
    """Each with its rarity, which is more than 0; see `NEUTRAL`."""
    title: str
    level: str | None
    exp_year: int
    """0 is as good as nothing said."""
    location: str
    job_type: str | None
    pay: int | None
    """US dollars a month, at best."""


def score(seeker: Seeker, offer: Offer) -> dict[Factor, float]:
    """Return how far a job suits a candidate in each factor that can be judged, from 0 to 1."""
    judged: dict[Factor, float | None] = {
        "skills": _skills_met(seeker.skills, offer.skills),
        "role": _role_named(seeker.roles, offer.title),
        "level": _level_reached(seeker.level, offer),
        "place": _place_shared(seeker.location, offer),
        "salary": min(1.0, offer.pay / seeker.pay) if seeker.pay and offer.pay else None,
    }
    return {factor: part for factor, part in judged.items() if part is not None}


def total(parts: Mapping[Factor, float]) -> float:
    """Return the weighted mean of what was judged, from 0 to 1; 0 where nothing was."""
    weight = sum(WEIGHTS[factor] for factor in parts)
    return fsum(WEIGHTS[factor] * part for factor, part in parts.items()) / weight if parts else 0.0


def percent(part: float) -> int:
    """Return a part of 1 in whole percent, rounded down: 100 is nothing less than all."""
    return int(part * 100 + 1e-9)


def _skills_met(has: Set[int], asked: Mapping[int, float]) -> float | None:
    """Weigh the skills he has against those asked for; the rarer, the heavier."""
    if not asked:
        return None
    # `fsum`, since a sum must not depend on the order of its parts
    met = fsum(rarity for skill, rarity in asked.items() if skill in has)
    return met / fsum(asked.values())


def _role_named(roles: tuple[str, ...], title: str) -> float | None:
    """Return how much of one of the roles he aims for stands in the title."""
    named = _words(title)
    shares = [len(words & named) / len(words) for role in roles if (words := _words(role))]
    return max(shares, default=None)


def _level_reached(level: str | None, offer: Offer) -> float | None:
    has, asked = _rung(level or ""), _rung(offer.level or "")
    if asked is None and offer.exp_year:
        asked = rung_of_years(offer.exp_year)
    if has is None or asked is None:
        return None
    return max(0.0, 1 - abs(has - asked) / FAR)


def _place_shared(location: str | None, offer: Offer) -> float | None:
    """Return whether the job is in his city, or anywhere; a country has all that lies in it."""
    his_cities, his = _places(location or "")
    if not his:
        return None
    cities, places = _places(offer.location)
    anywhere = is_remote(offer.location) or is_remote(offer.job_type or "")
    return float(anywhere or bool(his_cities & places or cities & his))


@lru_cache(_CACHED)
def is_remote(text: str) -> bool:
    """Tell whether a job's type or location says that one may work anywhere."""
    words = fold(text)
    return any(sign in words for sign in _REMOTE)


@lru_cache(_CACHED)
def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).replace("-", " ").replace("/", " ").split())


_rung = lru_cache(_CACHED)(rung_of)


@lru_cache(_CACHED)
def _places(location: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of a location's cities, and of all its places."""
    places = places_in(location)
    return (
        frozenset(place.key for place in places if place.is_city),
        frozenset(place.key for place in places),
    )
