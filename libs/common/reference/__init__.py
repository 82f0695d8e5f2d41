"""Reference data that several services load: today, the skills."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReferenceSkill:
    """A skill that the system knows; its id never changes meaning."""

    id: int
    name: str
    kind: str
    """What sort of thing it is: `language`, `framework`, `database`, `business`, `soft`, ..."""
    aliases: tuple[str, ...]
    """Other ways to write it. No two skills share a name or an alias."""


@cache
def load_skills() -> tuple[ReferenceSkill, ...]:
    """Return every skill of `skills.toml`, by id."""
    rows = tomllib.loads((Path(__file__).parent / "skills.toml").read_text("utf-8"))["skills"]
    return tuple(ReferenceSkill(**{**row, "aliases": tuple(row["aliases"])}) for row in rows)
