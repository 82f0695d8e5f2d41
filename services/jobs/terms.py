"""What jobs have in common besides skills and categories, and how it is recognised.

A text of a job (its *field*, such as `location`) stands for terms: `Quận 1, TP.HCM` for the city
Hồ Chí Minh and for the places `quan1`, `quan1tphcm` and `vietnam`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from libs.common.reference.places import places_in
from libs.common.text import fold

Kind = Literal["city", "place", "level", "jobType", "contractType", "company"]
FIELDS = ("location", "level", "jobType", "contractType", "company")
_BEGINNINGS = 6  # words of a company's name; longer ones are found by all of it


@dataclass(frozen=True, slots=True)
class TermKey:
    """A term by what names it; in the table it has a number."""

    kind: Kind
    key: str
    name: str
    """As it is shown."""


def type_key(text: str) -> str:
    """Return what spellings of a level or type share: `Full-time`, `full time` -> `fulltime`."""
    return "".join(filter(str.isalnum, fold(text)))


def company_key(name: str) -> str:
    """Return a company's name, or how it begins, in plain words."""
    return " ".join(re.findall(r"\w+", fold(name)))


def terms_of(field: str, written: str) -> list[TermKey]:
    """Return the terms that a text stands for in one of the `FIELDS`."""
    match field:
        case "location":
            return [
                TermKey("city" if place.is_city else "place", place.key, place.name)
                for place in places_in(written)
            ]
        case "company":
            words = company_key(written).split()
            begun = {" ".join(words[:n]) for n in (*range(1, _BEGINNINGS + 1), len(words))}
            return [TermKey("company", key, key) for key in sorted(begun) if key]
        case _:
            found = TermKey(field, type_key(written), written)  # type: ignore[arg-type]
            return [found] if found.key else []
