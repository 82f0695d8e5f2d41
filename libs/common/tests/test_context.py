"""What callers send as id, trace and language is taken where it is sane, and made where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common import context

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("en", "en"),
        ("en-GB,vi;q=0.5", "en"),
        ("en;q=0.4, vi;q=0.9", "vi"),
        ("fr-FR, en;q=0.2", "en"),
        ("en;q=0", None),
        ("en;q=high", None),
        ("*", None),
    ],
)
def test_language_is_the_callers_favourite_that_we_speak(
    header: str | None, language: str | None
) -> None:
    assert context.preferred_language(header) == language
    with context.entered(context.Context("", "", context.preferred_language(header))):
        assert context.language() == (language or "vi")


@given(st.text())
def test_any_accept_language_is_survived(header: str) -> None:
    assert context.preferred_language(header) in {*context.LANGUAGES, None}


def test_a_valid_trace_and_request_id_are_kept() -> None:
    assert context.accept_traceparent(VALID) == VALID
    assert context.accept_request_id("abc-123") == "abc-123"


@pytest.mark.parametrize("bad", [None, "", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", VALID + "x"])
def test_a_bad_trace_is_replaced(bad: str | None) -> None:
    made = context.accept_traceparent(bad)
    assert made != bad
    assert context.accept_traceparent(made) == made


@pytest.mark.parametrize("bad", [None, "", "two words", "x" * 129, "line\nbreak"])
def test_a_bad_request_id_is_replaced(bad: str | None) -> None:
    made = context.accept_request_id(bad)
    assert made != bad
    assert context.accept_request_id(made) == made
