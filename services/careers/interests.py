"""The six interests of Holland's (RIASEC), and how they are asked about; pure."""

import re

LETTERS = "RIASEC"
"""Realistic, investigative, artistic, social, enterprising, conventional."""

Weights = tuple[float, ...]
"""Six numbers, in the order of `LETTERS`."""

_NUMBER = r"([0-9]{1,3}(?:\.[0-9]{1,3})?)"
_SIX = re.compile(",".join([_NUMBER] * 6))


def ordered(code: str) -> str:
    """Return a code of distinct interests, strongest first, in capitals.

    Raises:
        ValueError: another letter, or one twice.
    """
    letters = code.strip().upper()
    if not letters or set(letters) - set(LETTERS) or len(set(letters)) < len(letters):
        raise ValueError(f"Must be letters of {LETTERS}, each once at most")
    return letters


def weights_of(asked: str) -> Weights:
    """Return the weights meant by an ordered code, or by six numbers between commas.

    Of a code of n letters the first weighs n, the next n - 1, the last 1, those it lacks 0.

    Raises:
        ValueError: neither, or nothing but zeros.
    """
    if "," not in asked:
        code = ordered(asked)
        return tuple(float(len(code) - code.index(x)) if x in code else 0.0 for x in LETTERS)
    six = _SIX.fullmatch(asked.replace(" ", ""))
    if six is None or not any(map(float, six.groups())):
        raise ValueError(f"Must be six numbers up to 999 for {', '.join(LETTERS)}, not all zero")
    return tuple(map(float, six.groups()))
