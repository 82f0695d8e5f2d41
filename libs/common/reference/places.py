"""Places as they are compared: by what all their spellings share, and with what lies around them.

`places.toml` knows provinces and big cities; any other place is known by its own letters.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from libs.common.text import fold

_GAZETTEER = Path(__file__).parent / "places.toml"
_PREFIX = re.compile(r"^(tp|thanh pho|tinh|t\.p)\b\.?\s*|^tp\.?(?=hcm)")
_SUFFIX = re.compile(r"\s+(city|province)$")
_BETWEEN = re.compile(r"[,;/|()]|\s[-–—]\s|\s(?=(?:tp|tphcm|thanh pho|tinh)\b)")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that a job can be."""

    key: str
    name: str
    is_city: bool
    """A province or city, which are counted; else a country, a district, a street."""
    within: tuple["Place", ...] = ()


def _bare_key(text: str) -> str:
    name = _SUFFIX.sub("", _PREFIX.sub("", fold(text)))
    return "".join(filter(str.isalnum, name))


def _read() -> dict[str, Place]:
    """Return the places of the gazetteer by the keys of all their spellings."""
    lists = tomllib.loads(_GAZETTEER.read_text("utf-8"))
    known: dict[str, Place] = {}

    def add(spellings: str, *within: Place, is_city: bool = True) -> Place:
        first, *others = (spelling.strip() for spelling in spellings.split("|"))
        place = Place(_bare_key(first), first, is_city, within)
        for spelling in (first, *others):
            if known.setdefault(_bare_key(spelling), place) is not place:
                raise ValueError(f"two places are written {spelling!r}")
        return place

    for country, *cities in lists["countries"]:
        around = add(country, is_city=False)
        for city in cities:
            add(city, around)
    vietnam = known["vietnam"]
    for province, *parts in lists["vietnam"]:
        around = add(province, vietnam)
        for part in parts:
            add(part, around, vietnam)
    for [other] in lists["others"]:
        add(other)
    return known


_KNOWN = _read()


def place_key(text: str) -> str:
    """Return what all spellings of a place share: `TP. Hồ Chí Minh`, `HoChiMinh` -> `hochiminh`."""
    key = _bare_key(text)
    return _KNOWN[key].key if key in _KNOWN else key


def places_wanted(text: str) -> list[str]:
    """Return the keys of all the places that a job must be in: `Quận 1, TP.HCM` names two."""
    if (key := _bare_key(text)) in _KNOWN:
        return [_KNOWN[key].key]
    return sorted({key for part in _BETWEEN.split(fold(text)) if (key := place_key(part))})


def places_in(location: str) -> list[Place]:
    """Return where a location is: as a whole, by its parts, and what they lie within.

    Where it names no city that is known, it counts as one itself.
    """
    found: dict[str, Place] = {}
    for part in [location, *_BETWEEN.split(fold(location))]:
        if key := _bare_key(part):
            place = _KNOWN.get(key) or Place(key, part, is_city=False)
            found |= {each.key: each for each in (place, *place.within)}
    whole = place_key(location)
    if whole and not any(place.is_city for place in found.values()):
        found[whole] = Place(whole, location, is_city=True)
    return list(found.values())
