"""Where a text holds a spelling of a skill: one scan for all of them, the longest at each place."""

import re
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from libs.common.reference import ReferenceSkill
from services.ingestion.skills.fold import fold
from services.ingestion.skills.taxonomy import Spelling, spellings

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--.*?-->", re.DOTALL)
_BLOCK = re.compile(r"</?(?:p|br|li|ul|ol|div|h\d|table|tr|td|th|section)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{1,5}|#x[0-9A-Fa-f]{1,4});")
_ADDRESS = re.compile(r"://|www\.|\S@\S")
_DOMAIN = re.compile(r"\.(?:com|org|net|io|ai|co|dev|app|so|edu|gov|vn|fr|de|uk|eu)\b(?!\.?js)")
_SPACE = re.compile(r"[\s()<>,;\[\]]")
_JOINTS = frozenset("/._-@:?=")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_DOT = re.compile(r"(?<![A-Za-z0-9])(?:\. NET|\.[Nn])")
_BREAK = re.compile(r"[\n\r,;|•]")


class Candidate(NamedTuple):
    """A spelling at `start` to `end`, characters of the text."""

    start: int
    end: int
    skill: ReferenceSkill
    spelling: Spelling


def plain(text: str) -> str:
    """Return a text with its markup blanked, as long as before.

    A tag that begins or ends a block is a line's end, so that what it parts is not read as one.
    """
    if "<" in text:
        text = _TAG.sub(_blank_tag, text)
    if "&" in text:
        text = _ENTITY.sub(_blank_entity, text)
    return text


def _blank_tag(found: re.Match[str]) -> str:
    return ("\n" if _BLOCK.match(found[0]) else " ") * len(found[0])


def _blank_entity(found: re.Match[str]) -> str:
    return ("&" if found[0] == "&amp;" else " ") + " " * (len(found[0]) - 1)


@cache
def _automaton() -> tuple[BytesAhoCorasick, list[tuple[Spelling, ReferenceSkill | None, bool]]]:
    known = spellings()
    built = BytesAhoCorasick(list(known))
    return built, [(one, one.skill, one.plain) for one in known.values()]


def candidates(text: str) -> list[Candidate]:
    """Return the spellings in a plain text, in order, none within or across another."""
    automaton, known = _automaton()
    matches = automaton.find_matches_as_indexes(fold(text), overlapping=True)
    longest_first = sorted([(start, -end, index) for index, start, end in matches])
    ascii_ = text.isascii()
    found = []
    free = 0
    for start, negative, index in longest_first:
        if start < free:
            continue
        end = -negative - 2
        spelling, skill, plain_ = known[index]
        simple = plain_ and (ascii_ or text[start:end].isascii())
        if not simple and not _fits(text, start, end, spelling):
            continue
        free = end
        if skill is None:
            continue
        joined = text[start - 1 : start] in _JOINTS or text[end : end + 1] in _JOINTS
        if not joined or not _in_address(text, start, end):
            begin = text.rindex(".", 0, start) if spelling.dot else start
            found.append(Candidate(begin, end - spelling.cut, skill, spelling))
    return found


def _in_address(text: str, start: int, end: int) -> bool:
    """Say whether these characters are part of a URL, a domain or an e-mail address."""
    if _DOMAIN.match(text, end):
        return True
    around = text[max(0, start - 100) : end + 100]
    if "://" not in around and "@" not in around and "www." not in around:
        return False
    head, tail = text[max(0, start - 200) : start], text[end : end + 200]
    token = _SPACE.split(head)[-1] + text[start:end] + _SPACE.split(tail)[0]
    return _ADDRESS.search(token) is not None


def _fits(text: str, start: int, end: int, spelling: Spelling) -> bool:
    """Say whether the characters that folding took away are as the spelling wants them."""
    written = text[start:end]
    if not spelling.text.isascii():
        return written.casefold() == spelling.text.casefold()
    if not written.isascii() and any(map(str.isalpha, _FOREIGN.findall(written))):
        return False
    if spelling.dot:
        return _DOT.search(text, max(0, start - 3), end) is not None
    if spelling.upper and written.islower():
        return False
    if "/" in written and "/" not in spelling.text:
        return False
    return _BREAK.search(written) is None
