"""The words of titles, as they are stored and as they are asked for; pure."""

import re

from libs.common.text import fold


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded: what is neither letter nor digit parts them."""
    return re.findall(r"[^\W_]+", fold(text))
