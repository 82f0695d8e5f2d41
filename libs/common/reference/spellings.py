"""The other spellings of a name that follow from how people write names."""

import re

_RULES = [
    (re.compile(pattern), replacements)
    for pattern, replacements in (
        (r"(?<=\w)[. ]?(?:JS|js)$", (".js", "JS", " JS")),
        (r"(?<=[a-z]) ?(DB|SQL|MQ|ML|QL|UI|CD|CI|CAD|GIS|BI)$", (r"\1", r" \1")),
        (r"^([A-Z]\w+) ([A-Z]\w*)$", (r"\1\2",)),
        (r"^([.A-Za-z]{3,}) ?(\d+)$", (r"\1\2", r"\1 \2")),
        (r"(?<=\w)-(?=\w)", (" ", "")),
        (r" (?:and|&) ", (" and ", " & ")),
        (r"^(?:Amazon|AWS) ", ("Amazon ", "AWS ")),
        (r"^(?:Microsoft|MS) ", ("Microsoft ", "MS ")),
        (r"^(?:Google Cloud|GCP) ", ("Google Cloud ", "GCP ")),
    )
]
_VIETNAMESE_Y = re.compile(r"\b([KkLlMmTt])([ýỳỷỹỵ])\b")
_I = str.maketrans("ýỳỷỹỵ", "íìỉĩị")


def spellings(name: str) -> set[str]:
    """Return how else `name` is written: ReactJS is React.js and React JS, MS Word Microsoft Word.

    Vietnamese spells the same syllable with y or i (kỹ năng, kĩ năng); English names join, split
    or hyphenate their words. Each rule is applied alone. `name` itself is not returned.
    """
    if not name.isascii():
        return {_VIETNAMESE_Y.sub(lambda found: found[0].translate(_I), name)} - {name}
    found = {
        pattern.sub(replacement, name)
        for pattern, replacements in _RULES
        if pattern.search(name)
        for replacement in replacements
    }
    return found - {name}
