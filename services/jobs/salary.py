"""Salaries as people write them (`2000-3000 USD`, `15-20 triệu`, `Thỏa thuận`) and as figures."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from libs.common.text import fold

T = TypeVar("T")
Period = Literal["hour", "day", "month", "year"]

LARGEST = 2_000_000_000
"""The largest amount that is kept: columns are 32 bits wide."""

_NUMBER = r"(\d{1,3}(?:[.,]\d{3})+(?!\d)|\d{1,12}(?:[.,]\d{1,2})?)"
_UNIT = r"\s*(trieu|tr|million|mil|m|nghin|ngan|k)(?![a-z])"
_CURRENCY = r"\s*(?:usd|vnd|eur|gbp|jpy|sgd|dong|d\b|[$€£¥₫])?\s*"
_AMOUNT = rf"[$€£¥₫]?\s*{_NUMBER}(?:{_UNIT})?{_CURRENCY}"
_RANGE = re.compile(rf"(?<![\d.,]){_AMOUNT}(?:(?:-|–|—|~|toi|to|den)\s*{_AMOUNT})?(\+)?(?![\d%])")
_AT_MOST = re.compile(r"\b(up to|upto|toi da|duoi|toi|den|max|maximum|under)\b|<")
_AT_LEAST = re.compile(r"\b(from|tu|tren|toi thieu|it nhat|at least|min|minimum|over|above)\b|>")
_TIMES = {"trieu": 10**6, "tr": 10**6, "million": 10**6, "mil": 10**6, "m": 10**6}
_TIMES |= {"nghin": 1000, "ngan": 1000, "k": 1000}
_CURRENCIES = (
    ("USD", r"\busd\b|\$|\dusd"),
    ("VND", r"vnd|₫|\bdong\b|\bd\b|\dd\b|trieu|\btr\b|\dtr\b|nghin|ngan"),
    ("EUR", r"eur|€"),
    ("GBP", r"gbp|£"),
    ("JPY", r"jpy|¥"),
    ("SGD", r"sgd"),
)
_PERIODS: tuple[tuple[Period, str], ...] = (
    ("hour", r"/\s*(h|hr|hour|gio)\b|\b(per|an|mot|moi) (hour|gio)\b"),
    ("day", r"/\s*(day|ngay)\b|\b(per|a|mot|moi) (day|ngay)\b"),
    ("year", r"/\s*(y|yr|year|nam)\b|\b(per|a|mot|moi) (year|nam)\b|\bannual"),
)
_LEAST_BARE, _LEAST_BARE_VND = 100, 100_000


@dataclass(frozen=True, slots=True)
class Salary:
    """Bounds of a salary in whole units of `currency` (ISO 4217); either may be open."""

    min: int | None
    max: int | None
    currency: str = "USD"
    period: Period = "month"


def parse(text: str) -> Salary | None:
    """Read a salary out of free text; None where it names no figure, such as `Thỏa thuận`.

    Without a currency, figures from 100,000 are VND, smaller ones USD, and those under 100 are
    no salary. A period that is not said is a month.
    """
    text = fold(text)
    found = _RANGE.search(text)
    if found is None:
        return None
    first, first_unit, second, second_unit, plus = found.groups()
    low, high = _bounds(first, first_unit, second, second_unit)
    currency = _first(_CURRENCIES, text)
    if high > LARGEST or (currency is None and high < _LEAST_BARE):
        return None
    currency = currency or ("VND" if high >= _LEAST_BARE_VND else "USD")
    period = _first(_PERIODS, text) or "month"
    if second:
        return Salary(low, high, currency, period)
    before = text[: found.start()]
    if plus or _AT_LEAST.search(before):
        return Salary(low, None, currency, period)
    return Salary(None if _AT_MOST.search(before) else low, high, currency, period)


def words(salary: Salary | None) -> str:
    """Write a salary as people read it; `parse` reads it back."""
    match salary:
        case None | Salary(None, None):
            return "Thỏa thuận"
        case Salary(None, most):
            figures = f"Up to {most}"
        case Salary(least, None):
            figures = f"From {least}"
        case Salary(least, most):
            figures = f"{least}" if least == most else f"{least}-{most}"
    every = "" if salary.period == "month" else f"/{salary.period}"
    return f"{figures} {salary.currency}{every}"


def _bounds(first: str, first_unit: str, second: str | None, second_unit: str) -> tuple[int, int]:
    """Return the lower and the upper figure; a unit said once may stand for both (`15-20 tr`)."""
    low = _figure(first)
    high = _figure(second) if second else low
    low_unit = first_unit or (second_unit if low <= high else None)
    low *= _TIMES.get(low_unit or "", 1)
    high_unit = second_unit or (first_unit if high < low else None)
    high *= _TIMES.get(high_unit or "", 1)
    return round(min(low, high)), round(max(low, high))


def _figure(written: str) -> float:
    """Read a number in which `.` and `,` part thousands or, before one or two digits, decimals."""
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", written):
        return float(re.sub(r"[.,]", "", written))
    return float(written.replace(",", "."))


def _first(patterns: Iterable[tuple[T, str]], text: str) -> T | None:
    return next((name for name, pattern in patterns if re.search(pattern, text)), None)
