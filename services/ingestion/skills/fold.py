"""Text as the matcher reads it: bytes with one for each character, so that offsets stay true."""

import codecs
import re
import unicodedata

_SHAPES = {"a": "\u0302\u0306", "e": "\u0302", "o": "\u0302\u031b", "u": "\u031b", "i": "", "y": ""}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VIETNAMESE = re.compile(r"[\u0102-\u01b0\u1ea0-\u1ef9]")
_FREE = [*range(9), 11, 12, *range(14, 32), *range(127, 256)]
"""Bytes that no letter of ASCII needs."""


def _letters() -> list[str]:
    """Return the letters of Vietnamese that ASCII has not, in both cases."""
    small = {
        unicodedata.normalize("NFC", letter + shape + tone)
        for letter, shapes in _SHAPES.items()
        for shape in ("", *shapes)
        for tone in ("", *_TONES)
    }
    return sorted(letter for letter in {"đ", *small} if not letter.isascii())


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower().replace("đ", "d").replace("ø", "o")
    return base if base.isascii() and (base.isalnum() or base in "+#") else " "


def _table(letters: str) -> bytes:
    return "".join(map(_bare, letters)).encode("ascii")


_LATIN = _table("".join(map(chr, range(256))))
_ALPHABET = list(map(chr, range(128))) + ["\ufffe"] * 128
for _code, _letter in zip(_FREE, [*_letters(), *map(str.upper, _letters())], strict=False):
    _ALPHABET[_code] = _letter
_ENCODING = codecs.charmap_build("".join(_ALPHABET))
_CHARMAP = _table("".join(_ALPHABET))


def fold(text: str) -> bytes:
    """Return `text` in lower case without marks, a space for what is no letter, digit, + or #.

    Vietnamese and the Western European letters are known; of other scripts nothing is kept. One
    space is added before and one after, so that character n is byte n + 1.
    """
    if text.isascii() or not _VIETNAMESE.search(text):
        return b" %b " % text.encode("latin-1", "replace").translate(_LATIN)
    return b" %b " % codecs.charmap_encode(text, "replace", _ENCODING)[0].translate(_CHARMAP)
