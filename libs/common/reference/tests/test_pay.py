"""Salaries made comparable."""

import tomllib
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.reference.pay import _RATES, monthly_usd
from libs.common.reference.salary import LARGEST, Currency, Period, Salary

AMOUNTS = st.none() | st.integers(0, LARGEST)


@pytest.mark.parametrize(
    ("salary", "dollars"),
    [
        (Salary(2000, 3000), (2000, 3000)),
        (Salary(None, 4000), (None, 4000)),
        (Salary(26_350_000, None, "VND"), (1000, None)),
        (Salary(120_000, 120_000, "USD", "year"), (10_000, 10_000)),
        (Salary(30, 60, "USD", "hour"), (5200, 10_400)),
        (Salary(100, None, "USD", "day"), (2167, None)),
        (Salary(LARGEST, LARGEST, "EUR", "hour"), (LARGEST, LARGEST)),
        (Salary(None, None), (None, None)),
    ],
)
def test_a_salary_is_dollars_a_month(
    salary: Salary, dollars: tuple[int | None, int | None]
) -> None:
    assert monthly_usd(salary) == dollars


def test_every_currency_has_a_rate_of_a_known_day() -> None:
    data = tomllib.loads(_RATES.read_text("utf-8"))
    assert set(data["per_dollar"]) == set(get_args(Currency))
    assert isinstance(data["date"], date)


@settings(max_examples=300)
@given(AMOUNTS, AMOUNTS, st.sampled_from(get_args(Currency)), st.sampled_from(get_args(Period)))
def test_more_is_never_less(
    least: int | None, most: int | None, currency: Currency, period: Period
) -> None:
    low, high = monthly_usd(Salary(least, most, currency, period))
    if least is not None and most is not None and least <= most:
        assert low is not None
        assert high is not None
        assert low <= high
