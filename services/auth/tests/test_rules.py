"""The identity service's pure decisions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.auth.contacts import as_dialled, email_of, key_of, phone_of
from services.auth.rules import (
    Refresh,
    check_password,
    derive_username,
    is_adult,
    judge_refresh,
    missing_of,
    next_code_at,
    spelled_duration,
)

NOW = datetime(2025, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "password", ["Password123!", "SecurePass123", "Waymark123!", "Đường1234", "A" * 126 + "a1"]
)
def test_good_passwords(password: str) -> None:
    assert check_password(password) == password


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Pass12!", "at least 8"),
        ("password123!", "upper-case"),
        ("PASSWORD123!", "lower-case"),
        ("PasswordAbc!", "digit"),
        ("Password1", "guessed"),
        ("Password123", "guessed"),
        ("Passw0rd", "guessed"),
        ("P@ssw0rd", "guessed"),
        ("Qwerty123", "guessed"),
        ("Matkhau123", "guessed"),
        ("Vietnam2025", "guessed"),
        ("1Q2w3e4r", "guessed"),
    ],
)
def test_bad_passwords(password: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_password(password)


def test_derived_usernames() -> None:
    assert derive_username("user@example.com") == "user"
    assert derive_username("john.doe+jobs@example.com") == "john.doe-jobs"
    assert derive_username("a" * 64 + "@example.com") == "a" * 40


def judged(spent_ago: float | None = None, **changes: object) -> Refresh:
    facts: dict[str, object] = {
        "now": NOW,
        "expires_at": NOW + timedelta(days=1),
        "spent_at": None if spent_ago is None else NOW - timedelta(seconds=spent_ago),
        "newest_spent": spent_ago is not None,
        "revoked": False,
        "grace": timedelta(seconds=10),
    }
    return judge_refresh(**(facts | changes))  # type: ignore[arg-type]


def test_refresh_tokens_are_judged() -> None:
    assert judged() is Refresh.ROTATE
    assert judged(expires_at=NOW) is Refresh.EXPIRED
    assert judged(revoked=True) is Refresh.REUSED
    assert judged(spent_ago=0) is Refresh.REPEAT
    assert judged(spent_ago=9.9) is Refresh.REPEAT
    assert judged(spent_ago=10) is Refresh.REUSED
    assert judged(spent_ago=1, newest_spent=False) is Refresh.REUSED
    assert judged(spent_ago=1, revoked=True) is Refresh.REUSED
    assert judged(spent_ago=0, grace=timedelta(0)) is Refresh.REUSED


@pytest.mark.parametrize(
    ("dob", "today", "adult"),
    [
        ("2000-05-20", "2018-05-19", False),
        ("2000-05-20", "2018-05-20", True),
        ("2000-05-20", "2018-06-01", True),
        ("2000-12-31", "2018-01-01", False),
        ("2004-02-29", "2022-02-28", False),
        ("2004-02-29", "2022-03-01", True),
        ("2004-02-28", "2022-02-28", True),
        ("2006-03-01", "2024-02-29", False),
    ],
)
def test_coming_of_age(dob: str, today: str, adult: bool) -> None:
    assert is_adult(date.fromisoformat(dob), date.fromisoformat(today)) is adult


@pytest.mark.parametrize(
    ("start", "end", "spelled"),
    [
        ("2023-01-01", "2024-01-01", "1 year"),
        ("2023-01-01", "2023-12-31", "1 year"),
        ("2023-01-01", "2023-12-30", "11 months"),
        ("2023-01-01", "2023-01-31", "1 month"),
        ("2023-01-15", "2025-04-14", "2 years 3 months"),
        ("2020-02-29", "2021-02-28", "1 year"),
        ("2023-01-01", "2023-01-01", "less than a month"),
    ],
)
def test_durations_are_spelled(start: str, end: str, spelled: str) -> None:
    assert spelled_duration(date.fromisoformat(start), date.fromisoformat(end)) == spelled


def test_a_company_is_complete_with_four_facts() -> None:
    facts = {"tax_number": "0101234567", "website": "https://techsolutions.com", "country": "VN"}
    assert missing_of(name="Tech", **facts) == []
    assert missing_of(name="Tech", **facts | {"country": ""}) == ["country"]
    nothing = dict.fromkeys(facts)
    assert missing_of(name="", **nothing) == ["taxNumber", "name", "website", "country"]


@pytest.mark.parametrize(
    "number", ["0909123456", "+84 909 123 456", "0909.123.456", "84909123456", "(+84) 909-123-456"]
)
def test_one_phone_number_in_many_spellings(number: str) -> None:
    assert phone_of(number) == "+84909123456"
    assert as_dialled("+84909123456") == "0909123456"


def test_foreign_phone_numbers_stay_international() -> None:
    assert as_dialled(phone_of("+1 212 555 0123")) == "+12125550123"


LETTERED = ["0909abcdef", "0909123456 ext 5", "0909123456x5", "0909123456;ext=5", "tel:0909123456"]


@pytest.mark.parametrize(
    "number", ["", "abc", "123", "0909", "+84909123456789012", "+999123", *LETTERED]
)
def test_no_phone_numbers(number: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        phone_of(number)


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a b@c.vn", "@c.vn", "a@c..vn", "a@[1.2.3.4]", "a@b.invalid"]
)
def test_no_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        email_of(address)


def test_addresses_are_compared_without_case() -> None:
    assert email_of("Hoang@EMAIL.com") == "Hoang@email.com"
    assert key_of("Hoang@email.com") == key_of("hOANG@email.com") == "hoang@email.com"
    assert email_of("me@somewhere.test") == "me@somewhere.test"


@pytest.mark.parametrize(
    ("voided", "issued", "minutes"),
    [
        *((0, 1, 1), (1, 2, 2), (2, 3, 4), (5, 6, 32), (6, 7, 60), (1000, 9, 60)),
        *((0, 10, 14 * 60), (9, 10, 14 * 60)),  # ten in the first ten hours: none until it is a day
    ],
)
def test_when_the_next_code_may_come(voided: int, issued: int, minutes: int) -> None:
    since = NOW - timedelta(hours=10)
    wanted = NOW + timedelta(minutes=minutes)
    assert next_code_at(last=NOW, voided=voided, issued=issued, since=since) == wanted
