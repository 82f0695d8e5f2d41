"""How O*NET OnLine shows a rating: as a whole number from 0 to 100, halves rounded up; pure.

The formulas reproduce the recorded answers (release 30.1 against the web services); Python's own
`round` does not: it rounds halves to even.
"""

Scale = tuple[int, int]
"""Lowest and highest value."""

IMPORTANCE: Scale = (1, 5)
INTEREST: Scale = (1, 7)
CONTEXT: dict[str, Scale] = {"CX": (1, 5), "CT": (1, 3)}
"""Work context has two scales, by their ids."""


def half_up(value: float) -> int:
    """Round a value of two decimals at most to the nearest whole number, halves up."""
    return (round(value * 100) + 50) // 100


def rating(value: float, scale: Scale) -> int:
    """Bring a value of two decimals at most from its scale to 0 … 100.

    In whole hundredths: 2.82 on 1 … 5 is 45.5 and so 46; floating point makes it 45.
    """
    low, high = scale
    above, span = round(value * 100) - low * 100, (high - low) * 100
    return (200 * above + span) // (2 * span)
