"""Reference data that several services load: the skills; beside it places, salaries and rates.

The skills are in `skills/`, a file for each kind and a line for each: `id | name | alias, alias`.
Ids are for ever, without gaps: a new skill gets the next one, whichever its file. Lists are sorted
by id, so the best known have the lowest. A `?` follows a spelling that an ordinary English or
(tone marks aside) Vietnamese sentence may hold in another sense. A `~` stands before the name of
a concept, a trade or a trait; what has none is a named technology. Spellings that follow from
others (`spellings`) are not written down. The list is this project's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from libs.common.reference.spellings import spellings

SkillCategory = Literal[
    "programming_languages",
    "frameworks_libraries",
    "databases",
    "cloud_platforms",
    "tools_technologies",
    "soft_skills",
]
"""The six categories of seed N."""

CATEGORY_OF_KIND: dict[str, SkillCategory] = {
    "language": "programming_languages",
    "framework": "frameworks_libraries",
    "library": "frameworks_libraries",
    "database": "databases",
    "cloud": "cloud_platforms",
    "soft": "soft_skills",
    "spoken": "soft_skills",
    **dict.fromkeys(("devops", "tool", "platform", "data", "testing"), "tools_technologies"),
    **dict.fromkeys(("security", "network", "hardware", "method"), "tools_technologies"),
    **dict.fromkeys(("design", "business", "marketing", "finance"), "tools_technologies"),
    **dict.fromkeys(("industry", "service", "certificate"), "tools_technologies"),
}
_FOLDER = Path(__file__).parent / "skills"


@dataclass(frozen=True, slots=True)
class ReferenceSkill:
    """A skill that the system knows; its id never changes meaning."""

    id: int
    name: str
    kind: str
    """What sort of thing it is: a key of `CATEGORY_OF_KIND`."""
    aliases: tuple[str, ...]
    """Other ways to write it. No two skills share a name or an alias, however folded."""
    ambiguous: frozenset[str]
    """Those of its name and aliases that need context, being words of other senses too."""
    is_technology: bool
    """Whether it is a named thing (a language, product, protocol), not a concept or a trait."""

    @property
    def category(self) -> SkillCategory:
        """Its category in seed N."""
        return CATEGORY_OF_KIND[self.kind]


@cache
def load_skills() -> tuple[ReferenceSkill, ...]:
    """Return every skill, by id."""
    skills = (skill for kind in CATEGORY_OF_KIND for skill in _read(kind))
    return tuple(sorted(skills, key=lambda skill: skill.id))


def _read(kind: str) -> Iterator[ReferenceSkill]:
    for line in (_FOLDER / f"{kind}.txt").read_text("utf-8").splitlines()[1:]:
        id_, first, *more = line.replace(" | ", ", ").split(", ")
        written = [first.removeprefix("~"), *more]
        ambiguous = frozenset(word[:-1] for word in written if word[-1] == "?")
        name, *aliases = (word.removesuffix("?") for word in written)
        derived = (other for word in written if word[-1] != "?" for other in spellings(word))
        others = dict.fromkeys((*aliases, *sorted(derived)))
        others.pop(name, None)
        yield ReferenceSkill(int(id_), name, kind, tuple(others), ambiguous, first[0] != "~")
