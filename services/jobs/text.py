"""Text as it is compared: without case, diacritics and doubled spaces; places without any spaces.

PostgreSQL's `unaccent` would need an extension, so what is searched is folded before it is stored.
"""

import re
import unicodedata

_PLACE_PREFIX = re.compile(r"^(tp|thanh pho|tinh|t\.p)\b\.?\s*|^tp\.?(?=hcm)")
_PLACE_SUFFIX = re.compile(r"\s+(city|province)$")
_PLACE_ALIASES = {
    "hcm": "hochiminh",
    "hcmc": "hochiminh",
    "saigon": "hochiminh",
    "hn": "hanoi",
}


def fold(text: str) -> str:
    """Return `text` in lower case, with single spaces, without diacritics (`đ` is `d`)."""
    letters = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("đ", "d").split())


def place_key(place: str) -> str:
    """Return what all spellings of a place share: `TP. Hồ Chí Minh`, `HoChiMinh` -> `hochiminh`."""
    name = _PLACE_SUFFIX.sub("", _PLACE_PREFIX.sub("", fold(place)))
    key = "".join(filter(str.isalnum, name))
    return _PLACE_ALIASES.get(key, key)


def place_keys(location: str) -> list[str]:
    """Return the keys of a location and of each of its parts: `Quận 1, TP.HCM`, also `TP.HCM`."""
    parts = [location, *re.split(r"[,;/|]|\s[-–]\s", location)]
    return sorted({key for part in parts if (key := place_key(part))})
