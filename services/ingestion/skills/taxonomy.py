"""The spellings that the matcher looks for, each with its skill and what it wants of a place.

Compiled from the reference skills and from `decoys.txt`, phrases that hold a skill's name and mean
something else; longer ones swallow shorter ones, so a decoy only has to be there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from libs.common.reference import ReferenceSkill, load_skills
from services.ingestion.skills.fold import fold

_HERE = Path(__file__).parent
_GENERIC = re.compile(
    r"programming|developers?|development|scripting|apps?|containers?|cluster|pipelines?|queries|"
    r"administrat(?:ion|or)|software|hooks|integration|engine(?:er)?|programmer|APIs?|web|"
    r"services?|microservices"
)
"""Words after a name that are no part of it."""
_WORDS = frozenset(
    [
        "rag",
        "mes",
        "vas",
        "mis",
        "sox",
        "cia",
        "dom",
        "ran",
        "bit",
        "ppt",
        "adds",
        "ros",
        "asm",
        "opc",
        "mas",
        "mos",
    ]
)
"""What an abbreviation must not be in small letters."""
_VERSIONED = ("language", "framework")
_VERSIONS = range(2, 22)
_BEST_KNOWN = 400
"""Skills below this id are written with a version often enough to look for Python3 and Vue2."""
_TONES = {"oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "uý": "úy", "uỳ": "ùy"} | {
    "oè": "òe",
    "oé": "óe",
    "oẻ": "ỏe",
    "uỷ": "ủy",
    "uỹ": "ũy",
    "uỵ": "ụy",
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a skill, or a decoy where `skill` is None."""

    text: str
    skill: ReferenceSkill | None
    needs_context: bool = False
    """It is a word of other senses too."""
    cut: int = 0
    """Characters at its end that are no part of the name ("Go programming": 12)."""
    version: str | None = None
    """What of it is a version ("Java 8": 8)."""
    dot: bool = False
    """It begins with a dot, which folding takes away (.NET)."""
    upper: bool = False
    """An abbreviation that is a word, too, where it is in small letters."""

    @property
    def plain(self) -> bool:
        """Whether nothing beyond its folded form is asked of it, where a text is ASCII."""
        return self.text.isascii() and self.text.isalnum() and not self.upper


@cache
def spellings() -> dict[bytes, Spelling]:
    """Return every spelling by its folded form, a space on either side."""
    found = {key: Spelling(text, None) for text in _decoys() for key in _keys(text)}
    for skill in load_skills():
        for spelling in _of(skill):
            for key in _keys(spelling.text):
                found.setdefault(key, spelling)
    return found


def _decoys() -> list[str]:
    lines = (_HERE / "decoys.txt").read_text("utf-8").splitlines()[1:]
    return [line for line in lines if line]


def _of(skill: ReferenceSkill) -> Iterator[Spelling]:
    """Yield a skill's spellings, those of one word with a version joined to it too."""
    names = {skill.name, *skill.aliases}
    for text in (skill.name, *skill.aliases):
        base = _base(text, names)
        if base != text:
            if base in skill.ambiguous:
                yield Spelling(text, skill, cut=len(text) - len(base))
            continue
        dot, upper = text.startswith("."), text.isupper() and text.lower() in _WORDS
        context = text in skill.ambiguous
        yield Spelling(text, skill, context, 0, _version(text, skill.name), dot, upper)
        if (
            skill.kind in _VERSIONED
            and skill.id < _BEST_KNOWN
            and re.fullmatch(r"[A-Za-z.]{3,}", text)
        ):
            for number in map(str, _VERSIONS):
                yield Spelling(text + number, skill, version=number)


def _base(text: str, names: set[str]) -> str:
    """Return the shortest of `names` that `text` is with generic words after it, else `text`."""
    words = text.split(" ")
    for length in range(1, len(words)):
        base = " ".join(words[:length])
        if base in names and all(map(_GENERIC.fullmatch, words[length:])):
            return base
    return text


def _version(text: str, name: str) -> str | None:
    found = re.search(r"(?<=[A-Za-z] )\d[\d.]*[+x]?$|(?<=[A-Za-z+])\d[\d.]*$", text)
    return found[0] if found and not name.endswith(found[0]) else None


def _keys(text: str) -> set[bytes]:
    """Return the folded forms: as written, and with spaces around a slash or an ampersand."""
    written = {text, re.sub(r" ?([/&]) ?", r" \1 ", text)}
    return {b" %b " % fold(form).strip() for form in written}
