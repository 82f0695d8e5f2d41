"""Salaries made comparable: whole US dollars a month."""

import tomllib
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import get_args

from libs.common.reference.salary import LARGEST, Currency, Period, Salary

_RATES = Path(__file__).parent / "rates.toml"
# 40 hours, 5 days a week; 52 weeks a year
_A_MONTH: dict[Period, Fraction] = {
    "hour": Fraction(40 * 52, 12),
    "day": Fraction(5 * 52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


def _factors() -> dict[tuple[str, str], Decimal]:
    rates = tomllib.loads(_RATES.read_text("utf-8"), parse_float=Decimal)["per_dollar"]
    return {
        (currency, period): round(Decimal(float(times / Fraction(rates[currency]))), 12)
        for currency in get_args(Currency)
        for period, times in _A_MONTH.items()
    }


FACTORS = _factors()
"""Dollars a month that one unit of a currency in a period is, exact to twelve places."""


def monthly_usd(salary: Salary) -> tuple[int | None, int | None]:
    """Return the bounds of a salary in US dollars a month, rounded half up as SQL's `round` does.

    `index_opening` reckons the same in SQL: equal salaries stay equal.
    """
    factor = FACTORS[salary.currency, salary.period]
    return _times(salary.min, factor), _times(salary.max, factor)


def _times(amount: int | None, factor: Decimal) -> int | None:
    if amount is None:
        return None
    return min(int((amount * factor).to_integral_value(ROUND_HALF_UP)), LARGEST)
