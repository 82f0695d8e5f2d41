"""Which skills a text names, where, and how surely: N's skill extractor."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, get_args

from libs.common.reference import SkillCategory, load_skills
from services.ingestion.skills.doubt import BAND, MOST, Opinion
from services.ingestion.skills.gate import decide
from services.ingestion.skills.matcher import Candidate, candidates, plain
from services.ingestion.skills.traits import trait_chance

EXTRACTOR_VERSION = 1
"""Goes up whenever the same text may yield something else; stored with what was extracted."""

_SURE, _ENOUGH = 0.99, 0.5
_VERSIONED = frozenset(("language", "framework", "library", "database", "platform", "tool"))
_VERSION = re.compile(
    r" ?v?(\d{1,4}(?:\.[\dx]+)*\+?)(?![\w%])"
    r"(?! ?(?:\+|-|–|to \d)? ?(?:\d+ )?(?:years?|yrs?|months?))"
)

_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_REST = re.compile(r"(?:\.\d+)+|\.x|\+")


class Found(NamedTuple):
    """A skill named at characters `start` to `end` of a text."""

    skill_id: int
    name: str
    """The canonical name."""
    category: SkillCategory
    start: int
    end: int
    confidence: float
    """How probable it is that the text means the skill, 0.5 to 0.99."""
    version: str | None
    """As written after it ("Java 8": 8)."""
    is_technology: bool
    """A named language, product or protocol; not a concept, a trade or a trait."""


def extract(text: str, opinion: Opinion | None = None) -> list[Found]:
    """Return every mention of a skill in `text` (plain, Markdown or HTML), in order.

    Offsets are characters of `text`. English and Vietnamese. With an `opinion` (see `doubt`) the
    most doubtful names are asked about, and may be dropped.
    """
    if unicodedata.is_normalized("NFC", text):
        return _mentions(text, opinion)
    composed, origin = _composed(text)
    return [
        mention._replace(start=origin[mention.start], end=origin[mention.end])
        for mention in _mentions(composed, opinion)
    ]


def _mentions(text: str, opinion: Opinion | None) -> list[Found]:
    clean = plain(text)
    found = candidates(clean)
    chances = iter(decide(clean, [one for one in found if one.skill.is_technology]))
    mentions = []
    asked = 0
    for one in found:
        chance = next(chances) if one.skill.is_technology else trait_chance(clean, one)
        if one.skill.is_technology and _ENOUGH <= chance < BAND and opinion and asked < MOST:
            asked += 1
            if opinion(clean, one.start, one.end):
                continue
        if chance >= _ENOUGH:
            mentions.append(_mention(clean, one, min(chance, _SURE)))
    return mentions


def _mention(text: str, candidate: Candidate, chance: float) -> Found:
    start, end, skill, spelling = candidate
    version = spelling.version
    if version is not None and (rest := _REST.match(text, end)):
        version += rest[0]
    elif skill.kind in _VERSIONED and text[end : end + 2].strip(" v").isdigit():
        after = _VERSION.match(text, end)
        version = after and after[1]
    named = skill.is_technology
    return Found(skill.id, skill.name, skill.category, start, end, chance, version, named)


def _composed(text: str) -> tuple[str, list[int]]:
    """Compose a text that keeps its marks apart, as macOS does; say where each letter was."""
    composed, origin = "", []
    for found in _CLUSTER.finditer(text):
        letters = unicodedata.normalize("NFC", found[0])
        composed += letters
        origin += [found.start()] * len(letters)
    return composed, [*origin, len(text)]


def extract_skills(text: str) -> list[str]:
    """Return the canonical names of the skills in a text, each once, as they first appear."""
    return list(dict.fromkeys(found.name for found in extract(text)))


def get_skill_categories(skills: Iterable[str]) -> dict[str, list[str]]:
    """Return skills by their category, all six of them; names that nobody knows are left out."""
    categories: dict[str, list[str]] = {name: [] for name in get_args(SkillCategory)}
    for skill in dict.fromkeys(skills):
        if category := _categories().get(skill):
            categories[category].append(skill)
    return categories


@cache
def _categories() -> dict[str, SkillCategory]:
    return {skill.name: skill.category for skill in load_skills()}
