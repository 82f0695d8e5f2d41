"""What a posting counts: its roles, places and pay; and the rollups that cover a window."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.gap import Required, coverage, required
from services.ingestion.market.facts import Facts, counted, facts_of
from services.ingestion.market.pay import percentiles, rounded, yearly_usd
from services.ingestion.market.places import places_of
from services.ingestion.market.roles import ROLES, roles_of, telling_words
from services.ingestion.market.windows import nodes, window


@pytest.mark.parametrize(
    ("title", "roles"),
    [
        ("Senior Back-End Engineer (Java)", ["Backend Developer", "Java Developer"]),
        ("Software Engineers, Frontend", ["Frontend Developer", "Software Engineer"]),
        ("Full-stack Ruby on Rails developers", ["Full Stack Developer", "Ruby Developer"]),
        ("Kỹ sư phần mềm", ["Software Engineer"]),
        ("Lập trình viên PHP", ["PHP Developer"]),
        ("Chuyên viên phân tích dữ liệu", ["Data Analyst"]),
        ("Nhân viên kế toán tổng hợp", ["Accountant"]),
        ("Software Development Engineer in Test", ["Software Engineer", "QA Engineer"]),
        (".NET / C# Developer", [".NET Developer"]),
        ("Network engineer", ["Network Engineer"]),
        ("Director of Engineering", ["Engineering Manager"]),
        ("ML Engineer / Data Scientist", ["Data Scientist", "Machine Learning Engineer"]),
        ("Go to market lead", []),
        ("Astronaut", []),
        ("", []),
    ],
)
def test_titles_name_roles(title: str, roles: list[str]) -> None:
    assert [*roles_of(title)] == roles


def test_each_role_is_found_by_its_own_name() -> None:
    assert len(ROLES) > 80
    assert [role for role in ROLES if role not in roles_of(role)] == []


def test_another_role_is_told_by_its_words_but_not_by_its_level() -> None:
    assert telling_words("Senior Quantum Engineers (Remote)") == ["quantum", "developer"]
    assert telling_words("Intern") == ["intern"]
    assert telling_words("!!!") == []


@pytest.mark.parametrize(
    ("location", "places"),
    [
        ("San Francisco, CA", {"San Francisco, CA"}),
        ("SF", {"San Francisco, CA"}),
        ("San Francisco, California, United States", {"San Francisco, CA"}),
        ("NYC or Remote (US)", {"New York, NY"}),
        ("Cupertino, CA", {"Cupertino, CA"}),
        ("Portland, ME", {"Portland, ME"}),
        ("London, ON", {"London, ON"}),
        ("London UK", {"London, UK"}),
        ("Munich, DE", {"Munich, Germany"}),
        ("Bengaluru, Karnataka, India", {"Bangalore, India"}),
        ("San Francisco, Seattle / Toronto", {"San Francisco, CA", "Seattle, WA", "Toronto, ON"}),
        ("onsite in Berlin", {"Berlin, Germany"}),
        ("Ha Noi", {"Hà Nội"}),
        ("Quận 1, TP.HCM", {"Hồ Chí Minh"}),
        ("Ho Chi Minh City, Vietnam", {"Hồ Chí Minh"}),
        ("Tokyo, Nhật Bản", {"Tokyo, Japan"}),
        ("California", {"California"}),
        ("Germany", {"Germany"}),
        ("Remote", {"Remote"}),
        ("Remote, Vietnam", {"Việt Nam"}),
        ("an option with experience", set()),
    ],
)
def test_locations_name_places(location: str, places: set[str]) -> None:
    assert places_of(location, None, remote=None) == places


def test_without_a_location_there_is_remote_or_the_country() -> None:
    assert places_of(None, "US", remote=None) == {"United States"}
    assert places_of(None, "US", remote=True) == {"Remote"}
    assert places_of("Earth", "??", remote=False) == set()


@pytest.mark.parametrize(
    ("told", "dollars"),
    [
        ((100_000, 160_000, "USD", "year", None), 130_000),
        ((2_000, 3_000, "USD", "month", None), 30_000),
        ((50, None, "USD", "hour", None), 105_000),
        ((90_000, 120_000, "USD", None, None), 105_000),
        ((None, None, None, None, "$100k-$160k"), 130_000),
        ((None, None, None, None, "15-20 triệu"), 8_000),
        ((None, None, None, None, "£30-60k"), 59_000),
        ((None, None, None, None, "$25,000 per month"), 300_000),
        ((1, 2, "XXX", "year", "2000 USD"), 24_000),
        ((None, None, None, None, "Thỏa thuận"), None),
        ((None, None, None, None, None), None),
        ((9, 9, "USD", "year", None), None),
    ],
)
def test_pay_is_dollars_a_year(told: tuple[Any, ...], dollars: int | None) -> None:
    assert yearly_usd(*told) == dollars


@given(st.integers(1_000, 1_000_000))
def test_pay_is_rounded_by_a_fortieth_at_most(amount: int) -> None:
    assert abs(rounded(amount) - amount) <= amount / 40
    assert rounded(rounded(amount)) == rounded(amount)


@given(st.lists(st.integers(1, 20), min_size=1))
def test_percentiles_are_amounts_that_occur(amounts: list[int]) -> None:
    counts = {amount: amounts.count(amount) for amount in amounts}
    found = percentiles(counts, [1, 50, 100])
    assert found["p1"] == min(amounts)
    assert found["p100"] == max(amounts)
    assert sum(amount <= found["p50"] for amount in amounts) * 2 >= len(amounts)
    assert sum(amount < found["p50"] for amount in amounts) * 2 < len(amounts)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 365))
def test_a_window_is_covered_once_by_few_rollups(today: date, days: int) -> None:
    first, last = window(today, days)
    assert (last - first).days == days - 1
    covering = [*nodes(first, last)]
    held = [b * span + day for span, b in covering for day in range(span)]
    assert held == [*range(first.toordinal(), held[-1] + 1)]
    assert held[-1] >= last.toordinal()
    assert len(covering) <= 14


def a_posting(**changes: Any) -> Any:
    found = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
    nothing: dict[str, Any] = dict.fromkeys(
        ["location", "country_code", "salary_min", "salary_max", "salary_currency"]
    ) | dict.fromkeys(["salary_period", "salary_string", "remote", "duplicate_of", "date_posted"])
    told = {"title": "Nurse", "scraped_at": found, "technology_slugs": [], "skill_ids": []}
    return SimpleNamespace(**nothing | told | changes)


def test_a_posting_counts_each_thing_once_on_the_day_it_was_posted() -> None:
    day = date(2026, 3, 1)
    facts = facts_of(
        a_posting(
            date_posted=day, skill_ids=[7, 3, 7], technology_slugs=["b", "a", "b"], remote=True
        )
    )
    assert facts == Facts(
        day, [3, 7], ["a", "b"], ["Remote"], ["Nurse"], ["nurse"], remote=True, salary=None
    )
    assert sorted(counted(facts)) == [
        ("place", "Remote"),
        ("posting", ""),
        ("remote", "yes"),
        ("role", "Nurse"),
        ("skill", "3"),
        ("skill", "7"),
        ("technology", "a"),
        ("technology", "b"),
        *[("told", kind) for kind in ("place", "role", "skill", "technology")],
    ]


def test_no_posting_counts_after_it_was_found_and_no_copy_at_all() -> None:
    for posted in (None, date(2026, 3, 4) + timedelta(days=9)):
        facts = facts_of(a_posting(date_posted=posted))
        assert facts
        assert facts.day == date(2026, 3, 4)
    assert facts_of(a_posting(duplicate_of="another")) is None


def test_what_is_required_is_never_under_the_threshold() -> None:
    skills = {1: 3, 2: 30, 3: 29, 4: 2}
    assert required(skills, 30, 0.1) == [Required(2, 100), Required(3, 96.67), Required(1, 10)]
    assert required(skills, 30, 1) == [Required(2, 100)]
    assert coverage(required(skills, 30, 0.1), {3, 9}) == 33.3
    assert coverage([], {3}) is None
