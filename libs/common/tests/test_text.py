"""Text as it is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đà Nẵng", "da nang"),
        ("Cafe\u0301 CAFÉ", "cafe cafe"),
        ("  Kỹ sư\tĐiện  TỬ ", "ky su dien tu"),
        ("C C++ C# .NET", "c c++ c# .net"),
    ],
)
def test_case_diacritics_and_spaces_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
