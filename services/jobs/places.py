"""Places as they are compared: by what all their spellings share."""

import re

from libs.common.text import fold

_PLACE_PREFIX = re.compile(r"^(tp|thanh pho|tinh|t\.p)\b\.?\s*|^tp\.?(?=hcm)")
_PLACE_SUFFIX = re.compile(r"\s+(city|province)$")
_PLACE_ALIASES = {
    "hcm": "hochiminh",
    "hcmc": "hochiminh",
    "saigon": "hochiminh",
    "hn": "hanoi",
}


def place_key(place: str) -> str:
    """Return what all spellings of a place share: `TP. Hồ Chí Minh`, `HoChiMinh` -> `hochiminh`."""
    name = _PLACE_SUFFIX.sub("", _PLACE_PREFIX.sub("", fold(place)))
    key = "".join(filter(str.isalnum, name))
    return _PLACE_ALIASES.get(key, key)


def place_keys(location: str) -> list[str]:
    """Return the keys of a location and of each of its parts: `Quận 1, TP.HCM`, also `TP.HCM`."""
    parts = [location, *re.split(r"[,;/|]|\s[-–]\s", location)]
    return sorted({key for part in parts if (key := place_key(part))})
