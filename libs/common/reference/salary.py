"""Salaries as people write them (`2000-3000 USD`, `15-20 triệu`, `Thỏa thuận`) and as figures."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from libs.common.text import fold

T = TypeVar("T")
Period = Literal["hour", "day", "month", "year"]
Currency = Literal["VND", "USD", "EUR", "JPY", "SGD", "GBP", "AUD", "KRW", "CAD", "CNY", "TWD"]
"""ISO 4217: what people here, and those who go abroad, are paid in."""

LARGEST = 2_000_000_000
"""The largest amount that is kept: columns are 32 bits wide."""

_NUMBER = r"(\d{1,3}(?:[.,]\d{3})+(?!\d)|\d{1,12}(?:[.,]\d{1,2})?)"
_UNIT = r"\s*(ty|ti|trieu|tr|million|mil|m|nghin|ngan|k)(?![a-z])"
_TENTHS = re.compile(r"(?<![\d.,])(\d{1,3})(trieu|tr|k)(\d)(?![\d\w])")  # 15tr5: 15.5 million
_CODE = "|".join(get_args(Currency)).lower()
_BEFORE = rf"(?:(?:{_CODE})\s*)?[$€£¥₫]?\s*"
_AFTER = rf"\s*(?:{_CODE}|dong|d\b|[$€£¥₫])?\s*"
_AMOUNT = rf"{_BEFORE}{_NUMBER}(?:{_UNIT})?{_AFTER}"
_RANGE = re.compile(rf"(?<![\d.,]){_AMOUNT}(?:(?:-|–|—|~|toi|to|den)\s*{_AMOUNT})?(\+)?(?![\d%])")
_AT_MOST = re.compile(r"\b(up to|upto|toi da|duoi|toi|den|max|maximum|under)\b|<")
_OR_LESS = re.compile(r"\W*(thang\W+|month\W+)?(tro xuong|or less|or below)\b")
_OR_MORE = re.compile(r"\W*(thang\W+|month\W+)?(tro len|(and|or) (more|above|up))\b")
_AT_LEAST = re.compile(r"\b(from|tu|tren|toi thieu|it nhat|at least|min|minimum|over|above)\b|>")
_TIMES = {"trieu": 10**6, "tr": 10**6, "million": 10**6, "mil": 10**6, "m": 10**6}
_TIMES |= {"ty": 10**9, "ti": 10**9}
_TIMES |= {"nghin": 1000, "ngan": 1000, "k": 1000}
_CURRENCIES = (  # codes first: `AUD $5,000`
    *((code, rf"(?<![a-z]){code.lower()}(?![a-z])") for code in get_args(Currency)),
    ("VND", r"₫|(?<![a-z])(?:d|dong|tr|trieu|nghin|ngan)(?![a-z])"),
    ("USD", r"\$"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("JPY", "¥"),
)
_PERIODS: tuple[tuple[Period, str], ...] = (
    ("hour", r"/\s*(h|hr|hour|gio)\b|\b(per|an|mot|moi) (hour|gio)\b"),
    ("day", r"/\s*(day|ngay)\b|\b(per|a|mot|moi) (day|ngay)\b"),
    ("year", r"/\s*(y|yr|year|nam)\b|\b(per|a|mot|moi) (year|nam)\b|\bannual|\bannum\b|\bp\.a\b"),
)
_LEAST_BARE = 100
_LEAST_BARE_VND = {"hour": 1_000, "day": 10_000, "month": 100_000, "year": 1_000_000}


@dataclass(frozen=True, slots=True)
class Salary:
    """Bounds of a salary in whole units of `currency` (ISO 4217); either may be open."""

    min: int | None
    max: int | None
    currency: str = "USD"
    period: Period = "month"


def parse(text: str) -> Salary | None:
    """Read a salary out of free text; None where it names no figure, such as `Thỏa thuận`.

    Only the first amount or range counts, with the words before it and those after it up to the
    next figure: what follows is a bonus or another rate. A currency named within the amount goes
    before one beside it. A period that is not said is a month.

    Without a currency, figures under 100 are no salary; others are VND where nobody is paid as
    many dollars: from 1,000 an hour, 10,000 a day, 100,000 a month, 1,000,000 a year. So
    `50k/giờ` is VND and `2-3k/tháng` USD, in either language.
    """
    text = _TENTHS.sub(r"\1.\3\2", fold(text))
    found = _RANGE.search(text)
    if found is None:
        return None
    first, first_unit, second, second_unit, plus = found.groups()
    low, high = _bounds(first, first_unit, second, second_unit)
    before, after = text[: found.start()], re.split(r"\d", text[found.end() :], maxsplit=1)[0]
    currency = _first(_CURRENCIES, found[0]) or _first(_CURRENCIES, f"{before} {after}")
    if high > LARGEST or (currency is None and high < _LEAST_BARE):
        return None
    period = _first(_PERIODS, f"{before} {after}") or "month"
    currency = currency or ("VND" if high >= _LEAST_BARE_VND[period] else "USD")
    if second:
        return Salary(low, high, currency, period)
    if plus or _AT_LEAST.search(before) or _OR_MORE.match(after):
        return Salary(low, None, currency, period)
    at_most = _AT_MOST.search(before) or _OR_LESS.match(after)
    return Salary(None if at_most else low, high, currency, period)


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
