"""Text as it is compared: without case, diacritics and doubled spaces.

PostgreSQL's `unaccent` would need an extension, so what is searched is folded before it is stored.
"""

import unicodedata


def fold(text: str) -> str:
    """Return `text` without case, without diacritics (`đ` is `d`), with single spaces."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("đ", "d").split())
