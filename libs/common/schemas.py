"""Base classes of what clients send and see, and the text types they share."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, field_validator
from pydantic.alias_generators import to_camel


def _written_out(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    raise ValueError("must be a date as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_out)]
"""A date that a client sends: `YYYY-MM-DD`, no timestamp."""


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


class Out(BaseModel):
    """What a client sees: camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True
    )


class SnakeOut(BaseModel):
    """What a client sees of careers, learning and the market: snake_case, as in seeds C and N."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


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


def _shows_something(text: str) -> str:
    if not any(_is_seen(letter) for letter in text):
        raise ValueError("must show something")
    return text


def _is_seen(letter: str) -> bool:
    """Tell whether a letter shows by itself; one too new to be known here (`Cn`) may."""
    kind = unicodedata.category(letter)
    return letter not in _HOLLOW and (kind == "Cn" or kind[0] not in "CMZ")


_HOLLOW = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that are drawn as nothing."""

SHOWN = AfterValidator(_shows_something)
"""Of a text of any lines that somebody is to read."""
