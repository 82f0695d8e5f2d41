"""Ids as clients send them: one spelling names something, and no other does."""

from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.common.ids import NIL, Id, new_id

ID = "01936f3e-7b1c-7000-8000-00000000abcd"
READ = TypeAdapter(Id)


def test_the_canonical_form_names_something() -> None:
    assert READ.validate_python(ID) == UUID(ID)
    made = new_id()
    assert READ.validate_python(made) is made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "888",
        ID.upper(),
        ID.replace("-", ""),
        ID.replace("-", "", 1),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        f" {ID}",
        f"{ID}\n",
        ID.replace("0", "０", 1),
        f"{ID}\0",
    ],
)
def test_other_spellings_name_nothing(text: str) -> None:
    assert READ.validate_python(text) == NIL


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(5)
