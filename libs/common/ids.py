"""Identifiers: UUIDv7 inside (they sort by time), opaque strings outside."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from uuid_utils.compat import uuid7

NIL = UUID(int=0)


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): unique, and later than those made before it."""
    return uuid7()


def made_at(made: UUID) -> datetime:
    """Return when `new_id` made an id: its first 48 bits are milliseconds (RFC 9562 §5.7)."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)


def parse_id(value: object) -> object:
    """Turn a client's id into a UUID; a string that is not as we write ours becomes `NIL`.

    Ids are opaque to clients, so a malformed one is not a validation error: it names nothing.
    Neither does another spelling of a right one (RFC 9562 §4 allows upper case, others write
    braces): a thing has one address. No row bears the nil id, hence each lookup answers with its
    own 404.
    """
    if not isinstance(value, str):
        return value
    try:
        found = UUID(value)
    except ValueError:
        return NIL
    return found if str(found) == value else NIL


Id = Annotated[
    UUID, BeforeValidator(parse_id), WithJsonSchema({"type": "string", "description": "Opaque."})
]
"""An id in a path, a query or a body."""


def _some(place: UUID) -> UUID:
    if place == NIL:
        raise PydanticCustomError("uuid_parsing", "must be an id")
    return place


Place = Annotated[Id, AfterValidator(_some)]
"""An id up to which, or from which on, something is meant: no look-up would say that it is none."""
