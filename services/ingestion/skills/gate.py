"""Whether a word that may name a technology does so here: a logistic rule over its surroundings.

A feature is a thing a reader would look at: how the word is written, what stands beside it, whether
technologies are near. Their weights are in `gate.json`, fitted by `bench/skills_gate.py`.
"""

import json
import re
from collections.abc import Sequence, Set
from functools import cache
from math import exp
from pathlib import Path

from services.ingestion.skills.cues import CUES
from services.ingestion.skills.matcher import Candidate

_EVERYDAY = CUES["everyday"]
_VENDOR = CUES["vendor"]
_CUE = CUES["cue"]
_VERB = CUES["verb"]
_DETERMINER = CUES["determiner"]
_COMPANY = CUES["company"]
_ROLE = CUES["role"]
_PEOPLE = CUES["people"]
_AFTER = CUES["after"]
_JOIN = CUES["join"]
_HERE = Path(__file__).parent
_WINDOW = 40
_NEAR, _AROUND = 60, 200
_ENOUGH = 0.5
_GLUE = "'’&"
_PLACE = re.compile(
    r", ?(?:A[KLZ]|C[AT]|DC|FL|GA|I[AL]|K[SY]|LA|M[ADINOT]|N[CDEHJMVY]|OH|PA|RI|S[CD]|T[NX]|UT"
    r"|V[AT]|W[AIVY]|Arizona|California|Nevada|Texas|Utah|Virginia|USA|UK)\b"
    r"(?= *(?:[\n|).;(]|\d{5}|$))"
)

_BETWEEN = " \t\n\r\xa0.,;:!?/|&()[]{}<>*•·–—-'\"‘’“”=~_`"
_PARTS = re.compile(r"[,/|(;:\[*]")
_RIGHT = re.compile(r"([^\w+#]*)([\w+#'’-]*)")
_LISTED = re.compile(
    r"\s*(?:[,/|;•·&+()]|-\s|\band\b|\bor\b|\bvà\b|\bhoặc\b|\n)[\s,/|;•·&+()*-]*(?:and|or)?\s*",
    re.I,
)
_SPACED = re.compile(r"[ -]{1,2}")
_VERSION = re.compile(r"[ ]?v?\d+(?:\.[\dx]+)*\b(?! ?(?:%|\+? ?(?:years?|yrs?|months?)))", re.I)


@cache
def _common() -> dict[str, int]:
    """Return how common ambiguous words are in small letters, 1 to 4."""
    lines = (_HERE / "common.txt").read_text("utf-8").splitlines()[1:]
    levels = (line.split(": ", 1) for line in lines)
    return {word: int(level) for level, words in levels for word in words.split(", ")}


def commonness(word: str) -> int:
    """Return how common a word is in small letters, 0 to 4."""
    return _common().get(word.lower(), 0)


@cache
def weights() -> dict[str, float]:
    """Return the weight of each feature."""
    fitted: dict[str, float] = json.loads((_HERE / "gate.json").read_text("utf-8"))
    return fitted


def decide(text: str, found: Sequence[Candidate]) -> list[float]:
    """Return for each named technology in a text how probable it is that it is meant: 1 if sure.

    Twice over, so that a name found probable speaks for those listed beside it.
    """
    chances = [float(not one.spelling.needs_context) for one in found]
    known = weights()
    own = {
        at: _total(known, written(text, one))
        for at, one in enumerate(found)
        if one.spelling.needs_context and not _is_everyday(text, one)
    }
    for at, total in own.items():
        chances[at] = 1 / (1 + exp(-total))
    sure = {one.skill.id for one in found if not one.spelling.needs_context}
    for _ in range(2):
        before = chances.copy()
        for at, total in own.items():
            around = _total(known, nearby(text, found, at, before, sure))
            chances[at] = 1 / (1 + exp(-total - around))
        if all((chances[at] > _ENOUGH) == (before[at] > _ENOUGH) for at in own):
            break
    return chances


def _is_everyday(text: str, candidate: Candidate) -> bool:
    """Say at a glance that a word is no name: in running text in small letters, or "R&D", "we'd".

    Two thirds of all ambiguous words are; so this is what makes the gate quick.
    """
    start, end, *_ = candidate
    if start and text[start - 1] in _GLUE:
        return True
    if text[end : end + 1] == "," and _PLACE.match(text, end):
        return True
    word = text[start:end]
    if word not in _EVERYDAY or start < 2:
        return False
    around = text[start - 2 : start] + text[end : end + 2]
    return around[1:3] == "  " and around[0].isalnum() and around[3:].islower()


def _total(known: dict[str, float], features: list[str]) -> float:
    return sum([known.get(feature, 0.0) for feature in features])


def written(text: str, candidate: Candidate) -> list[str]:
    """Return what the word and its neighbours show: the features that no decision changes."""
    start, end, skill, spelling = candidate
    word = text[start:end]
    before, gap = _before(text, start)
    right = _RIGHT.match(text, end, end + _WINDOW)
    assert right is not None
    space, after = right[1], right[2]
    close_before, close_after = gap.isspace(), space.isspace() and "\n" not in space
    opens = not before or any(mark in gap for mark in ".!?:\n*•")
    common = commonness(word)
    features = ["bias", f"common{common}"]
    case = _case(word, spelling.text)
    features += [case, f"{case}_common{common}"]
    if len(word) == 1:
        features.append("letter")
        features.append(f"letter_{case}")
    if opens and case != "lower":
        features.append(f"opens_common{common}")
    lower_before, lower_after = before.lower(), after.lower()
    if close_before:
        if lower_before in _VENDOR:
            features.append("vendor_before")
        elif lower_before in _CUE:
            features.append("cue_before")
        if lower_before in _VERB:
            features.append("verb_before")
        if lower_before in _DETERMINER:
            features.append("determiner_before")
        if lower_before in _COMPANY:
            features.append("company")
        if before[:1].isupper() and lower_before not in _CUE and not before.isupper():
            features.append("capital_before")
    if close_after:
        if lower_after in _ROLE:
            features += ["role_after", f"role_{case}"]
        elif after[:1].isupper():
            features.append("capital_after")
        if lower_after in _PEOPLE:
            features.append("company")
        if lower_after in _AFTER:
            features += ["word_after", f"word_after_{case}"]
        elif after[:1].islower() and lower_after not in _ROLE and lower_after not in _JOIN:
            features.append("other_after")
    if (gap == "-" and before) or (space == "-" and after):
        features.append("hyphen")
    if space[:1] in ("'", "’", "&") or gap[-1:] in ("'", "’", "&") or space.strip() == "&":
        features.append("apostrophe")
    if (space == "." and after) or gap == ".":
        features.append("domain")
    if _VERSION.match(text, end):
        features.append("version_after")
    if "\n" in gap[-3:] and space[:1] in ("\n", "\r"):
        features.append("own_line")
    if gap[-1:] == "/" or space[:1] == "/":
        features.append("slash")
    if gap.strip()[-1:] in (",", "(", "/", "|") and space.strip()[:1] in (",", ")", "/", "|"):
        features += ["commas", f"commas_{case}"]
    if skill.kind == "language":
        features.append("language")
    return features


def _before(text: str, start: int) -> tuple[str, str]:
    """Return the word before a place, and what stands between."""
    left = text[max(0, start - _WINDOW) : start]
    words = left.rstrip(_BETWEEN)
    gap = left[len(words) :]
    word = words.split()[-1] if words else ""
    return word if word.isalnum() else _PARTS.split(word)[-1], gap


def _case(word: str, known: str) -> str:
    if word == known:
        return "exact"
    if word.islower():
        return "lower"
    return "upper" if word.isupper() else "other"


def nearby(
    text: str,
    found: Sequence[Candidate],
    at: int,
    chances: Sequence[float],
    sure: Set[int],
) -> list[str]:
    """Return what the technologies around show, as far as they are decided."""
    start, end, skill, _ = found[at]
    last = len(found) - 1
    left = _side(text, found[at - 1].end, start, chances[at - 1]) if at else ""
    right = _side(text, end, found[at + 1].start, chances[at + 1]) if at < last else ""
    features = [*({left, right} - {""} or {"alone"})]
    if left[:4] == right[:4] == "list":
        features.append("list_both")
    near = around = 0
    other = at - 1
    while other >= 0 and (far := start - found[other].end) <= _AROUND:
        if chances[other] > _ENOUGH:
            around += 1
            near += far <= _NEAR
        other -= 1
    other = at + 1
    while other <= last and (far := found[other].start - end) <= _AROUND:
        if chances[other] > _ENOUGH:
            around += 1
            near += far <= _NEAR
        other += 1
    if skill.id in sure:
        features.append("vouched")
    some = "0" if not sure else "1" if len(sure) < 3 else "2"
    features += _COUNTS["near"][min(near, 3)], _COUNTS["around"][min(around, 5)], f"text{some}"
    return features


_COUNTS = {name: [f"{name}{count}" for count in range(6)] for name in ("near", "around")}


def _side(text: str, end: int, start: int, chance: float) -> str:
    """Say how a neighbour is joined to the word: listed with it, close to it, or not at all."""
    if start - end > 12:
        return ""
    gap = text[end:start]
    if _SPACED.fullmatch(gap):
        return "spaced" if chance > _ENOUGH else ""
    if _LISTED.fullmatch(gap):
        return "listed" if chance > _ENOUGH else "list_maybe"
    return ""
