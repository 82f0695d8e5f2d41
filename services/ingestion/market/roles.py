"""Which roles a title names: `Sr. Back-End Engineer (Java)` -> Backend Developer, Java Developer.

Pure. Roles, and the words that name them, are in `roles.toml`.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from libs.common.text import fold

_WORD = re.compile(r"[^\W_]+(?:\+\+|#|&[^\W_]+)?")
_DEVELOPER = "developer"
_PHRASES = (
    (re.compile(r"\blap trinh vien\b|\bky su\b|\bchuyen vien lap trinh\b"), _DEVELOPER),
    (re.compile(r"(?<![\w.])\.net\b"), "net"),
)
_DEVELOPERS = {"engineer", "engineering", "dev", "development", "programmer", "coder", "eng"}
_PLURAL = re.compile(r"(?<=[^\Ws_]{3})s$")
_NOT_PLURAL = {"devops", "sales", "business", "ios", "nodejs", "rails", "kubernetes"}
_LONGEST = 5
"""Words of a phrase."""
_LEVELS = frozenset(
    _WORD.findall(
        """
        senior sr junior jr mid middle level staff principal lead leader entry intern internship
        trainee fresher graduate experienced expert the of and or a an in for at with to remote
        onsite full part time i ii iii iv cao cap chuyen vien nhan thuc tap sinh truong nhom
        """
    )
)
"""Words that say how far somebody is, not what he does."""


def words_of(title: str) -> list[str]:
    """Return the words of a title in order: folded, in the singular, one for all synonyms."""
    text = fold(title)
    for phrase, word in _PHRASES:
        text = phrase.sub(word, text)
    return [_word(word) for word in _WORD.findall(text)]


def telling_words(title: str) -> list[str]:
    """Return the words of a title without those that tell a level; all where none would be left."""
    words = list(dict.fromkeys(words_of(title)))
    return [word for word in words if word not in _LEVELS] or words


@lru_cache(20_000)
def roles_of(title: str) -> tuple[str, ...]:
    """Return the roles that a title names, the more special first."""
    words = words_of(title)
    named = {
        role
        for start in range(len(words))
        for phrase in _beginning(words, start)
        for role in _TOGETHER.get(phrase, ())
    }
    there = set(words)
    named |= {role for needed, role in _APART if needed <= there}
    return tuple(role for role in ROLES if role in named)


def _word(word: str) -> str:
    if word not in _NOT_PLURAL:
        word = _PLURAL.sub("", word)
    return _DEVELOPER if word in _DEVELOPERS else word


def _beginning(words: list[str], start: int) -> Iterator[tuple[str, ...]]:
    longest = min(_LONGEST, len(words) - start)
    return (tuple(words[start : start + length]) for length in range(1, longest + 1))


def _read() -> Iterator[tuple[str, str]]:
    lists = tomllib.loads(Path(__file__).with_name("roles.toml").read_text("utf-8"))
    for roles in lists.values():
        for role, written in roles.items():
            for alias in written.split(" | "):
                yield role, alias


ROLES: tuple[str, ...] = tuple(dict.fromkeys(role for role, _ in _read()))
"""Every role."""
_APART = [(frozenset(words_of(alias)), role) for role, alias in _read() if " + " in alias]
_TOGETHER: dict[tuple[str, ...], list[str]] = {}
for _role, _alias in _read():
    if " + " not in _alias:
        _TOGETHER.setdefault(tuple(words_of(_alias)), []).append(_role)
