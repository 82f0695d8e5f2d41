"""What every source gives: pages of raw postings, and how each of them is read."""

import re
import unicodedata
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Annotated, Any, NamedTuple, Protocol

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Json = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class BadItem:
    """What could not be read as a posting: where it stood, and why."""

    where: str
    reason: str


class RawItem(NamedTuple):
    """What was sent of a posting, and where it stood."""

    where: str
    body: Json


@dataclass(frozen=True, slots=True)
class RawPage:
    """Some postings as they were sent, and what stands in the ledger once they are stored."""

    items: Sequence[RawItem | BadItem]
    cursor: Json
    """Given back to `pages`, it goes on behind this page."""
    progress: float
    """How much of the run is done with it: 0 to 1."""
    credits: int = 0
    """What the page, and what was paid for in vain before it, has cost."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Fields of `SourcePosting` that are the search's and not in what was sent."""


class SourceStopped(Exception):
    """The source gives no more for now; a later run can go on where this one stands."""


class SourceRefused(Exception):
    """The source does not accept what it was asked: it would not the next time either."""


class Unreadable(ValueError):
    """A raw posting is none; says why."""


class Unwanted(ValueError):
    """A raw posting must not be stored; says why."""


class JobSource(Protocol):
    """Where postings come from. What a run needs to go on is JSON: its plan and its cursor."""

    name: str

    def plan(self, behind: Json) -> Json:
        """Lay down what a run goes through, `behind` being the last finished run's cursor."""

    def goes_on(self, plan: Json) -> bool:
        """Tell whether an unfinished run with that plan is worth resuming."""

    def pages(self, plan: Json, cursor: Json) -> AsyncGenerator[RawPage]:
        """Yield the pages behind `cursor`, which is empty at first.

        Raises:
            SourceStopped: no credits, no valid key, too many requests, nobody there.
            SourceRefused: the request itself is wrong.
        """

    def read(self, raw: Json) -> "SourcePosting":
        """Make a posting of what `pages` yielded.

        Raises:
            Unreadable: it is none.
            Unwanted: it must not be stored.
        """


def _clean(value: object, limit: int) -> object:
    """Trim a text and cut it at `limit` characters; without NUL, which PostgreSQL cannot hold."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\0", "")).strip()
    return text[:limit].rstrip() or None


def _cleaned(limit: int) -> BeforeValidator:
    return BeforeValidator(partial(_clean, limit=limit))


LARGEST = 2_000_000_000
DEEPEST = 50
Amount = Annotated[int | None, Field(ge=0, le=LARGEST)]


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
    external_id: Annotated[str | None, _cleaned(300)] = None
    country_code: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    company_domain: Annotated[str | None, _cleaned(300)] = None
    salary_min: Amount = None
    salary_max: Amount = None
    salary_currency: Annotated[str | None, Field(pattern="^[A-Z]{3}$")] = None
    salary_period: Annotated[str | None, Field(pattern="^(hour|day|month|year)$")] = None
    technology_slugs: tuple[Annotated[str, _cleaned(100)], ...] = ()
    search_keywords: Annotated[str | None, _cleaned(300)] = None
    search_location: Annotated[str | None, _cleaned(300)] = None


def numbered(values: Any, place: str) -> list[RawItem | BadItem]:
    """Return the items of a list that was sent, each by its number in `place`."""
    if not isinstance(values, list):
        return [BadItem(place, "is no list of postings")]
    named = ((f"{place} {number}", value) for number, value in enumerate(values, start=1))
    return [
        RawItem(where, value) if isinstance(value, dict) else BadItem(where, "is no object")
        for where, value in named
    ]


def storable(value: Any, depth: int = 0) -> Any:
    """Return a JSON value without what cannot be stored, or only costs.

    PostgreSQL has no NUL, no halves of surrogates; orjson no integers over 64 bits; and nobody
    reads what is nested deeper than `DEEPEST`.
    """
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict() | list() if depth == DEEPEST:
            return None
        case dict():
            return {storable(key): storable(each, depth + 1) for key, each in value.items()}
        case list():
            return [storable(each, depth + 1) for each in value]
        case int() if abs(value) >= 2**63:
            return None
    return value


def matching(pattern: str, value: Any) -> str | None:
    """Return `value` where it is a text of that pattern."""
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else None


def amount(value: Any) -> int | None:
    """Return an amount of money that can be stored; 0 stands for not knowing."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return round(value) if number and 0 < value <= LARGEST else None


def posting_of(fields: Json) -> SourcePosting:
    """Check what was read of a raw posting, as JSON has it.

    Raises:
        Unreadable: a field is not what it should be.
    """
    try:
        return SourcePosting.model_validate_json(orjson.dumps(fields))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise Unreadable(" ".join([*map(str, problem["loc"]), problem["msg"]])) from error
