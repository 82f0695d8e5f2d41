"""Salaries out of free text, and back."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.reference.salary import LARGEST, Currency, Period, Salary, parse, words

MILLION = 10**6


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("2000-3000 USD", Salary(2000, 3000)),
        ("Up to 4000 USD", Salary(None, 4000)),
        ("Lên đến 3000$", Salary(None, 3000)),
        ("tới 50 triệu", Salary(None, 50 * MILLION, "VND")),
        ("Từ 20 triệu", Salary(20 * MILLION, None, "VND")),
        ("Tối thiểu 1000 USD", Salary(1000, None)),
        ("2000 USD+", Salary(2000, None)),
        ("15-20 triệu", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("15tr – 20tr", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("15 triệu đến 20 triệu", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("1,5 triệu/ngày", Salary(1_500_000, 1_500_000, "VND", "day")),
        ("15.000.000 - 20.000.000 đ", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("15000000 - 20000000", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("$2,000 to $3,000", Salary(2000, 3000)),
        ("2-3k USD", Salary(2000, 3000)),
        ("900-1k USD", Salary(900, 1000)),
        ("1k-1500 USD", Salary(1000, 1500)),
        ("3000-2000 USD", Salary(2000, 3000)),
        ("1500 usd", Salary(1500, 1500)),
        ("2000-3000", Salary(2000, 3000)),
        ("€3,500", Salary(3500, 3500, "EUR")),
        ("25 USD/hour", Salary(25, 25, "USD", "hour")),
        ("30000 USD per year", Salary(30000, 30000, "USD", "year")),
        ("10 - 15 triệu/tháng + thưởng 100 USD", Salary(10 * MILLION, 15 * MILLION, "VND")),
        ("15 triệu (USD 600)", Salary(15 * MILLION, 15 * MILLION, "VND")),
        ("1000 USD + thưởng 5 triệu", Salary(1000, None)),
        ("2000-3000/tháng, thưởng 10 triệu", Salary(2000, 3000)),
        ("2000 - 3000 (USD), 13 tháng lương", Salary(2000, 3000)),
        ("Lương EUR: 2000 - 3000", Salary(2000, 3000, "EUR")),
        ("USD 2000 - USD 3000", Salary(2000, 3000)),
        ("AUD $5,000", Salary(5000, 5000, "AUD")),
        ("3.000.000 KRW", Salary(3 * MILLION, 3 * MILLION, "KRW")),
        ("10-15 triệu/tháng, tăng ca 50k/giờ", Salary(10 * MILLION, 15 * MILLION, "VND")),
        ("50k/giờ", Salary(50_000, 50_000, "VND", "hour")),
        ("25-30k/h", Salary(25_000, 30_000, "VND", "hour")),
        ("200k một ngày", Salary(200_000, 200_000, "VND", "day")),
        ("500 nghìn/ngày", Salary(500_000, 500_000, "VND", "day")),
        ("500k/tháng", Salary(500_000, 500_000, "VND")),
        ("2-3k/tháng", Salary(2000, 3000)),
        ("120k/year", Salary(120_000, 120_000, "USD", "year")),
        ("120 triệu/năm", Salary(120 * MILLION, 120 * MILLION, "VND", "year")),
        ("50k USD/giờ", Salary(50_000, 50_000, "USD", "hour")),
        ("$1.5k/month", Salary(1500, 1500)),
        ("upto $2,000", Salary(None, 2000)),
        ("20tr", Salary(20 * MILLION, 20 * MILLION, "VND")),
        ("15tr5 - 20tr", Salary(15_500_000, 20 * MILLION, "VND")),
        ("1k5-2k USD", Salary(1500, 2000)),
        ("15.000.000 - 20.000.000 VNĐ", Salary(15 * MILLION, 20 * MILLION, "VND")),
        ("từ 10 triệu", Salary(10 * MILLION, None, "VND")),
        ("25 triệu trở lên", Salary(25 * MILLION, None, "VND")),
        ("10tr/tháng trở xuống", Salary(None, 10 * MILLION, "VND")),
        ("10 triệu trở xuống", Salary(None, 10 * MILLION, "VND")),
        ("$3000 and above", Salary(3000, None)),
        ("1,2 tỷ/năm", Salary(1200 * MILLION, 1200 * MILLION, "VND", "year")),
        ("60.000 - 70.000 € p.a.", Salary(60_000, 70_000, "EUR", "year")),
        ("negotiable", None),
        ("Thỏa thuận", None),
        ("Cạnh tranh, thưởng 20%", None),
        ("Lương tháng 13", None),
        ("9999999999 USD", None),
        ("", None),
    ],
)
def test_common_forms(text: str, salary: Salary | None) -> None:
    assert parse(text) == salary


AMOUNTS = st.none() | st.integers(0, LARGEST)
CURRENCIES = st.sampled_from(get_args(Currency))
PERIODS: st.SearchStrategy[Period] = st.sampled_from(["hour", "day", "month", "year"])


@given(AMOUNTS, AMOUNTS, CURRENCIES, PERIODS)
def test_what_is_written_is_read_back(
    least: int | None, most: int | None, currency: str, period: Period
) -> None:
    if least is not None and most is not None:
        least, most = min(least, most), max(least, most)
    salary = Salary(least, most, currency, period)
    assert parse(words(salary)) == (None if least is most is None else salary)


UNITS = {"{}": 1, "{}k": 1000, "{} nghìn": 1000, "{} triệu": MILLION, "{}tr": MILLION}
FORMS = {
    "{} - {} {}": (True, True),
    "{}–{} {}/tháng": (True, True),
    "từ {0} đến {1} {2}": (True, True),
    "{0} tới {1} {2}": (True, True),
    "Up to {1} {2}": (False, True),
    "tối đa {1} {2}": (False, True),
    "Từ {0} {2}": (True, False),
    "{0} {2}+": (True, False),
    "Lương: {0} {2} trở lên": (True, False),
}


@given(
    st.integers(1, 1999), st.integers(1, 1999), CURRENCIES,
    st.sampled_from([*UNITS]), st.sampled_from([*FORMS]),
)  # fmt: skip
def test_each_form_is_read_in_each_unit_and_currency(
    one: int, other: int, currency: str, unit: str, form: str
) -> None:
    least, most = sorted((one, other))
    amounts = (unit.format(least), unit.format(most))
    has_least, has_most = FORMS[form]
    assert parse(form.format(*amounts, currency)) == Salary(
        least * UNITS[unit] if has_least else None,
        most * UNITS[unit] if has_most else None,
        currency,
    )


@given(st.text() | st.text("0123456789.,-+$ đktriệuUSDtoừ/%", max_size=40))
def test_any_text_is_read_or_left(text: str) -> None:
    salary = parse(text)
    if salary is not None:
        bounds = [bound for bound in (salary.min, salary.max) if bound is not None]
        assert bounds == sorted(bounds)
        assert all(0 <= bound <= LARGEST for bound in bounds)
        assert bounds
