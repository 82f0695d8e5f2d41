"""Base classes of what clients send and see, and the text types they share."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, field_validator
from pydantic.alias_generators import to_camel


def _written_out(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value
    raise ValueError("must be a date as YYYY-MM-DD")


Day = Annotated[
    date, BeforeValidator(_written_out), WithJsonSchema({"type": "string", "format": "date"})
]
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
