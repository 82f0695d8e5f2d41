"""Where a posting's job is, by the names that places are counted under; pure.

Cities are named as people there do: `San Francisco, CA`, `Berlin, Germany`, `Hà Nội`.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from libs.common.reference.places import places_in
from libs.common.text import fold

REMOTE = "Remote"

_LISTS = tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))
_APART = re.compile(r"[;|/()\[\]•+&\n:]|\s[-–—]+\s|\b(?:or|and|hoặc|và)\b", re.IGNORECASE)
_REMOTE = re.compile(r"\b(?:fully )?(?:remote(?:ly)?|wfh|work from home|anywhere|từ xa)\b", re.I)
_NOISE = re.compile(
    r"\b(?:on-?\s?site|in[- ]office|in[- ]person|hybrid|full[- ]?time|part[- ]?time|contract|only"
    r"|ok(?:ay)?|friendly|preferred|based|downtown|greater|metro(?:politan)?|area|hq|office)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:in|near|around|central|possibly|primarily)\b", re.IGNORECASE)
_KEPT = re.compile(r"\bbay area\b", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[ .'’-]+[^\W\d_]+){0,3}")
_NO_NAME = re.compile(
    r"\b(?:the|in|to|of|at|with|for|we|you|eu|an|option|all|any|other|time)\b", re.I
)


class _Around(NamedTuple):
    """What cities are named by: a region, or a country."""

    shown: str
    alone: str
    """How it is called where no city is named."""
    is_country: bool


def _key(text: str) -> str:
    return re.sub(r"[^\w ]", "", fold(text)).strip()


def _spellings(written: str) -> list[str]:
    return [spelling.strip() for spelling in written.split(" | ")]


def _around() -> tuple[dict[str, _Around], dict[str, _Around], dict[str, _Around]]:
    """Return countries by ISO code, then all by capitals, then all by folded names."""
    countries: dict[str, _Around] = {}
    codes: dict[str, _Around] = {}
    names: dict[str, _Around] = {}
    for code, written in _LISTS["countries"].items():
        shown, *others = _spellings(written)
        countries[code] = place = _Around(shown, shown, is_country=True)
        names |= {_key(name): place for name in (shown, *others)}
        codes |= {name.replace(".", ""): place for name in (code, shown, *others) if name.isupper()}
    for code, written in _LISTS["regions"].items():
        place = _Around(code, _spellings(written)[0].removesuffix(" State"), is_country=False)
        codes[code] = place  # CA is California rather than Canada
        names |= {_key(name): place for name in _spellings(written)}
    return countries, codes, names


_COUNTRIES, _CODES, _NAMES = _around()
_CITIES = {
    _key(spelling): f"{_spellings(city)[0]}, {around}"
    for around, cities in _LISTS["cities"].items()
    for city in cities
    for spelling in _spellings(city)
}


def places_of(location: str | None, country_code: str | None, *, remote: bool | None) -> set[str]:
    """Return the cities of a location; without any, its regions, else countries, else Remote.

    `country_code` (ISO 3166-1) counts where the location names nothing. What is not known, and has
    no known region or country behind it, is no place.
    """
    cities: set[str] = set()
    wider: set[_Around] = set()
    for part in _APART.split(location or ""):
        _read(part, cities, wider)
    if cities:
        return cities
    if wider:
        regions = {one.alone for one in wider if not one.is_country}
        return regions or {one.alone for one in wider}
    if remote or _REMOTE.search(location or ""):
        return {REMOTE}
    known = _COUNTRIES.get((country_code or "").upper())
    return {known.alone} if known else set()


def _read(part: str, cities: set[str], wider: set[_Around]) -> None:
    """Read `Cupertino, California, United States`: a name waits for what may stand behind it."""
    waiting: str | None = None
    found: set[str] = set()
    for piece in _pieces(part):
        around = _around_of(piece)
        listed = _known(waiting) and _key(piece) == "la"  # Seattle, LA
        if around and waiting is not None and not listed:
            # Bengaluru, Karnataka, India: but a listed city counts
            if not (found and around.is_country) or _known(waiting):
                found |= _named(waiting, around)
            waiting = None
        elif around and _key(piece) not in _CITIES:
            wider.add(around)
        else:
            found |= _known(waiting)
            waiting = piece
    cities |= found | _known(waiting)


def _pieces(part: str) -> Iterator[str]:
    """Yield what stands between commas, and the country or region behind a name apart."""
    for written in part.split(","):
        bare = _REMOTE.sub(" ", written)
        words = (bare if _KEPT.search(bare) else _NOISE.sub(" ", bare)).split()
        piece = _LEADS.sub("", " ".join(words)).strip(" .-*@")
        name, _, last = piece.rpartition(" ")
        if name and _around_of(last) and not _is_known(piece):
            yield name
            yield last
        elif piece:
            yield piece


def _is_known(piece: str) -> bool:
    return _key(piece) in _CITIES or _key(piece) in _NAMES


def _around_of(piece: str) -> _Around | None:
    return _NAMES.get(_key(piece)) or _CODES.get(piece.replace(".", ""))


def _named(name: str, around: _Around) -> set[str]:
    """Return `Cupertino, CA`; a known city by its own name where it lies there."""
    known = _CITIES.get(_key(name))
    if known and (
        around.is_country or known.endswith((f", {around.shown}", f", {_abroad(around)}"))
    ):
        return {known}
    if around.shown == "Việt Nam":
        return _known(name)
    if _key(name) in _NAMES or not _NAME.fullmatch(name) or _NO_NAME.search(name):
        return _known(name)
    return {f"{name if not name.isupper() else name.title()}, {around.shown}"}


def _abroad(region: _Around) -> str:
    """Return the country whose ISO code a region's is too: DE, of `Munich, DE`, is Germany."""
    country = _COUNTRIES.get(region.shown)
    return country.shown if country else region.shown


def _known(name: str | None) -> set[str]:
    """Return a city that is known by its name alone: here, or to the common gazetteer."""
    if not name:
        return set()
    if known := _CITIES.get(_key(name)):
        return {known}
    place = next(iter(places_in(name)), None)
    if place is None or not place.is_city or not place.within:
        return set()
    country = _NAMES[_key(place.within[-1].name)].shown
    return {place.name if country == "Việt Nam" else f"{place.name}, {country}"}
