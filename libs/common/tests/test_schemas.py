"""What clients send is put into NFC before it is measured."""

import unicodedata

import pytest
from pydantic import Field, ValidationError

from libs.common.schemas import In


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
