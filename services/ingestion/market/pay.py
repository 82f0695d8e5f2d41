"""What a posting pays: US dollars a year, and percentiles of that; pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, log10
from typing import get_args

from libs.common.reference.pay import monthly_usd
from libs.common.reference.salary import Currency, Period, Salary, parse

_LIKELY = range(1_000, 1_000_001)
"""Dollars a year that somebody is paid: what is outside was misread, or is equity, say."""
_MOST_A_MONTH = 20_000
"""Dollars; more in a period that is not said, which then is a year."""


def yearly_usd(
    least: int | None,
    most: int | None,
    currency: str | None,
    period: str | None,
    written: str | None,
) -> int | None:
    """Return what is paid, in US dollars a year; of a range its middle, rounded by `steps`.

    The figures count, else what is written. Without a period, who would get over 20,000 dollars a
    month gets them a year. None where nothing is told, or nobody is paid that.
    """
    if (least or most) and currency in get_args(Currency):
        known = period if period in get_args(Period) else "month"
        salary = Salary(least or None, most or None, currency, known)  # type: ignore[arg-type]
        said = period in get_args(Period)
    elif (read := parse(written or "")) is not None:
        salary, said = read, read.period != "month" or _says_month(written or "")
    else:
        return None
    bounds = [bound for bound in monthly_usd(salary) if bound]
    if not bounds:
        return None
    middle = sum(bounds) // len(bounds)
    yearly = middle if not said and middle > _MOST_A_MONTH else middle * 12
    return rounded(yearly) if yearly in _LIKELY else None


def _says_month(written: str) -> bool:
    folded = written.casefold()
    return any(word in folded for word in ("month", "/mo", "tháng", "thang", "p.m"))


def rounded(amount: int) -> int:
    """Return an amount to within 2.5 %: steps of 1,000 up to 100,000, say, then of 5,000.

    So there are few different ones, and what is counted by them stays small.
    """
    power = 10 ** int(log10(amount))
    step = power // 20 if amount < 2 * power else power // 10
    return (amount + step // 2) // step * step if step else amount


def percentiles(counts: Mapping[int, int], wanted: Sequence[int]) -> dict[str, int]:
    """Return the `wanted` percentiles of amounts, each counted so often.

    Each is an amount that occurs: the least that so many percent do not exceed
    (SQL's `percentile_disc`).
    """
    total, found, passed = sum(counts.values()), {}, 0
    left = [(percent, ceil(Fraction(percent, 100) * total)) for percent in sorted(wanted)]
    for amount in sorted(counts):
        passed += counts[amount]
        while left and passed >= left[0][1]:
            found[f"p{left.pop(0)[0]}"] = amount
    return found
