"""What every source yields: a posting as found there, or a line that is none."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


@dataclass(frozen=True, slots=True)
class BadLine:
    """What could not be read as a posting: where, and why."""

    line: int
    reason: str


def _clean(value: object, limit: int) -> object:
    """Trim a text and cut it at `limit` characters; without NUL, which PostgreSQL cannot hold."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\0", "")).strip()
    return text[:limit].rstrip() or None


def _cleaned(limit: int) -> BeforeValidator:
    return BeforeValidator(partial(_clean, limit=limit))


class SourcePosting(BaseModel):
    """A posting as a source has it: names are seed N's; blank texts are None."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    title: Annotated[str | None, _cleaned(500)] = None
    company: Annotated[str | None, _cleaned(300)] = None
    location: Annotated[str | None, _cleaned(500)] = None
    description: Annotated[str | None, _cleaned(100_000)] = None
    url: Annotated[str | None, _cleaned(10_000)] = None
    date_posted: date | None = None
    salary_string: Annotated[str | None, _cleaned(300)] = None
    remote: bool | None = None
    source: Annotated[str | None, _cleaned(100)] = None
    """Where it was found, if the source itself collects from several places."""
