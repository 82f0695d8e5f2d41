"""Text as catalogues are searched: by the beginnings of words, without case or diacritics; pure."""

import re

from libs.common.text import fold

_BETWEEN = re.compile(r"[^\w+#.]+")


def searchable(*texts: str) -> str:
    """Return texts in the form that `has_words` looks into."""
    return " " + _BETWEEN.sub(" ", fold(" ".join(texts)))


def words_of(query: str) -> list[str]:
    """Return the words that a query asks for, as `has_words` takes them."""
    return [f" {word}" for word in searchable(query).split()]


def has_words(text: str, words: list[str]) -> bool:
    """Tell whether each of `words` begins a word of a searchable text."""
    return all(map(text.__contains__, words))
