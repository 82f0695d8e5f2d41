"""How titles are folded for the search, and what the credit says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.careers.rules import LICENSE, credit, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đà Nẵng", "da nang"), ("CAFÉ", "cafe"), ("Cafe\u0301", "cafe"), ("C++ / C#", "c++ / c#")],
)
def test_case_and_diacritics_are_folded_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_credit_names_publisher_release_licence_and_trademark() -> None:
    line = credit("O*NET Database", "30.1")
    for part in ("O*NET Database 30.1", "USDOL/ETA", LICENSE, "trademark"):
        assert part in line
