"""Whether an everyday word is meant as a skill: communication, planning, insurance, French.

Concepts and traits are told apart from technologies by the reference; the plain ones among them
("machine learning") are taken as they stand, the everyday words only with a cue beside them.
"""

import re

from services.ingestion.skills.cues import CUES
from services.ingestion.skills.matcher import Candidate

_PLAIN, _CUED = 0.9, 0.7
_BEFORE = CUES["trait_before"]
_AFTER = CUES["trait_after"]
_LISTED = re.compile(r"\s*[,;|•/]|\s*\n|\s*$")
_LIST_HEAD = re.compile(r"(?:[,;|•/]\s*|\n[ \t*-]*|^\s*)$")


def trait_chance(text: str, candidate: Candidate) -> float:
    """Return how probable it is that a concept, a trade or a trait is asked for."""
    start, end, _, spelling = candidate
    if not spelling.needs_context:
        return _PLAIN
    if not _AFTER.isdisjoint(_words(text[end : end + 40])[:3]):
        return _CUED
    if not _BEFORE.isdisjoint(_words(text[max(0, start - 40) : start])[-4:]):
        return _CUED
    if text[start:end] != spelling.text or _LISTED.match(text, end) is None:
        return 0.0
    return _CUED if _LIST_HEAD.search(text[max(0, start - 8) : start]) else 0.0


def _words(text: str) -> list[str]:
    return text.lower().replace(",", " ").replace(".", " ").replace("/", " ").split()
