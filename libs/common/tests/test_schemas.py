"""What clients send: text in NFC, and on one line where others read it so."""

import unicodedata

import pytest
from pydantic import Field, ValidationError

from libs.common.schemas import In, Line


class _NoteIn(In):
    text: str = Field(max_length=3)
    tags: list[str] = Field(default_factory=list)


def test_text_is_counted_as_it_is_kept() -> None:
    note = _NoteIn.model_validate(
        {"text": unicodedata.normalize("NFD", "ếệỗ"), "tags": ["e\u0301"]}
    )
    assert note.model_dump() == {"text": "ếệỗ", "tags": ["é"]}
    with pytest.raises(ValidationError, match="at most 3 characters"):
        _NoteIn.model_validate({"text": "\u0958" * 2})  # each is two letters in NFC


@pytest.mark.parametrize("wrong", [["a", ["b"]], "a", [None], {"a": "b"}, 1])
def test_what_is_no_list_of_texts_is_refused_as_such(wrong: object) -> None:
    with pytest.raises(ValidationError, match="should be a valid"):
        _NoteIn.model_validate({"text": "a", "tags": wrong})


class _SignIn(In):
    line: Line


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" Hà\r\n  Nội\t", "Hà Nội"),
        ("a\u2028b\u00a0\x85c", "a b c"),
        ("C++", "C++"),
        ("5", "5"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_line_is_one(sent: str, kept: str) -> None:
    assert _SignIn.model_validate({"line": sent}).line == kept


@pytest.mark.parametrize("hidden", ["\0", "\x07", "\x1b[1m", "\u202e", "\u200b", "\ufeff"])
def test_what_nobody_sees_is_refused(hidden: str) -> None:
    with pytest.raises(ValidationError, match="must not contain control or invisible characters"):
        _SignIn.model_validate({"line": f"Hà{hidden}Nội"})


@pytest.mark.parametrize("empty", ["\u200d", "\u200c \u200c", "\u3164", "\u2800", "...", "\u0301"])
def test_a_line_says_something(empty: str) -> None:
    with pytest.raises(ValidationError, match="must have a letter, digit or symbol"):
        _SignIn.model_validate({"line": empty})
    for blank in ("", " \n\t "):
        with pytest.raises(ValidationError, match="at least 1 character"):
            _SignIn.model_validate({"line": blank})
