"""Base classes of what clients send and see, and the text types they share."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema


def _written_out(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    raise ValueError("must be a date as YYYY-MM-DD")


Day = Annotated[
    date, BeforeValidator(_written_out), WithJsonSchema({"type": "string", "format": "date"})
]
"""A date that a client sends: `YYYY-MM-DD`, no timestamp."""


def _on_one_line(text: str) -> str:
    """White space of any kind becomes single blanks; what else nobody sees is refused."""
    line = " ".join(text.split())
    if any(c not in _JOINERS and unicodedata.category(c) in _UNSEEN for c in line):
        raise ValueError("must not contain control or invisible characters")
    if not any(c not in _BLANK and unicodedata.category(c)[0] in "LNS" for c in line):
        raise ValueError("must have a letter, digit or symbol")
    return line


def _shows_something(text: str) -> str:
    if not any(_is_seen(letter) for letter in text):
        raise ValueError("must show something")
    return text


def _is_seen(letter: str) -> bool:
    """Tell whether a letter shows by itself; one too new to be known here (`Cn`) may."""
    kind = unicodedata.category(letter)
    return letter not in _BLANK and (kind == "Cn" or kind[0] not in "CMZ")


_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
_JOINERS = "\u200c\u200d"
"""Letters of some scripts, and emoji, need them."""
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols by category, but nothing to see."""

ON_ONE_LINE = AfterValidator(_on_one_line)
"""Of a text that goes into mails and onto other people's screens: names, titles, addresses."""
Short = Annotated[str, Field(min_length=1, max_length=50), ON_ONE_LINE]
Label = Annotated[str, Field(min_length=1, max_length=100), ON_ONE_LINE]
Line = Annotated[str, Field(min_length=1, max_length=200), ON_ONE_LINE]
SHOWN = AfterValidator(_shows_something)
"""Of a text of any lines that somebody is to read."""


class In(BaseModel):
    """What a client sends: camelCase, no unknown fields, text in NFC and without NUL."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", str_strip_whitespace=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _composed(cls, value: Any) -> Any:
        """Put text into NFC before its length is looked at: what is kept is what is counted."""
        if isinstance(value, list):
            return [_in_nfc(item) for item in value]
        return _in_nfc(value)

    @field_validator("*", mode="after")
    @classmethod
    def _tidy(cls, value: Any) -> Any:
        return tidy(value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Show every name of a required field that has several: one of them is to be sent."""
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        for field in cls.model_fields.values():
            if isinstance(field.validation_alias, AliasChoices):
                first, *others = map(str, field.validation_alias.choices)
                shown = schema["properties"][first]
                shown.pop("title")
                same = shown | {"description": f"Another name of `{first}`: send one of them."}
                schema["properties"] |= dict.fromkeys(others, same)
                schema["required"].remove(first)
                schema["oneOf"] = [{"required": [name]} for name in (first, *others)]
        return reference


class Out(BaseModel):
    """What a client sees: camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        frozen=True,
        json_schema_serialization_defaults_required=True,
    )


class SnakeOut(BaseModel):
    """What a client sees of careers, learning and the market: snake_case, as in seeds C and N."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True
    )


def _in_nfc(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def tidy(value: Any) -> Any:
    """Return text in Unicode NFC; refuse NUL, which PostgreSQL cannot hold."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("must not contain NUL")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [tidy(item) for item in value]
    return value
