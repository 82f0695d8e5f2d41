"""What is to be stored of an occupation: rows by part, its page, and hashes of these; pure."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from inspect import getsource
from types import ModuleType
from typing import Any, Final

import orjson

from services.careers import rules, titles
from services.careers.etl import bls, derived, files, mapping, page, rating, shape, v2, v19
from services.careers.etl.page import Page, page_of
from services.careers.etl.shape import Dossier, Header, Interests, Title
from services.careers.titles import words_of

_DECIDING: Final[tuple[ModuleType, ...]] = (
    *(shape, rating, files, bls, v2, v19, derived, mapping, page),
    *(rules, titles),
)
"""The modules that decide, together with this one, what is stored of what a source says."""

PARTS = tuple(part.name for part in fields(Dossier) if part.name not in {"onet_code", "header"})
"""Each has a table of its own: `titles` -> `career_titles`."""


@dataclass(frozen=True, slots=True)
class Content:
    """An occupation as it is to be stored."""

    onet_code: str
    header: Header
    """Titles, description and origin are all there."""
    rows: dict[str, bytes]
    """Part -> its rows as a JSON array of objects by column."""
    counts: dict[str, int]
    """Part -> how many rows these are."""
    page: Page
    hashes: dict[str, str]
    """Part, `header` or `page` -> hash; a part without rows has none."""


def fingerprint() -> bytes:
    """Return what changes whenever the mapping does: then all is mapped anew, without a crawl."""
    code = "".join(map(getsource, (*_DECIDING, sys.modules[__name__])))
    return sha256(code.encode()).digest()


def content_of(dossier: Dossier) -> Content:
    """Make of a dossier what is stored.

    Raises:
        ValueError: it has no title.
    """
    header = _complete(dossier)
    parts = {part: _rows(part, getattr(dossier, part)) for part in PARTS}
    rows = {part: orjson.dumps(found) for part, found in parts.items() if found}
    page = page_of(dossier, header)
    told = rows | {"header": orjson.dumps(header), "page": orjson.dumps(page)}
    return Content(
        onet_code=dossier.onet_code,
        header=header,
        rows=rows,
        counts={part: len(found) for part, found in parts.items()},
        page=page,
        hashes={part: sha256(body).hexdigest()[:32] for part, body in told.items()},
    )


def _complete(dossier: Dossier) -> Header:
    header = dossier.header
    title = header and (header.title_en or header.short_title_en)
    if header is None or not title:
        raise ValueError("no source has a title for it")
    return replace(header, title_en=title, short_desc_en=header.short_desc_en or "")


def _rows(part: str, found: Any) -> Sequence[Any]:
    if found is None:
        return ()
    made = _MADE.get(part)
    rows = found if isinstance(found, tuple) else (found,)
    return rows if made is None else [made(row) for row in rows]


def _title(title: Title) -> dict[str, Any]:
    return {
        "title": title.title,
        "title_folded": " ".join(words_of(title.title)),
        "kind": title.kind,
        "in_mnm": title.in_mnm,
        "short_title": title.short_title,
    }


def _interests(interests: Interests) -> dict[str, Any]:
    one_hot = {letter.lower(): int(letter == interests.top) for letter in "RIASEC"}
    return asdict(interests) | one_hot


_MADE: dict[str, Callable[[Any], Any]] = {"titles": _title, "interests": _interests}
"""Parts whose table has columns that are worked out here."""
