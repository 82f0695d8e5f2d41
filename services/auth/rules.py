"""Pure decisions of the identity service: passwords, lock-out, refresh tokens, people."""

import re
import tomllib
from datetime import date, datetime, timedelta
from enum import Enum, auto
from pathlib import Path

_COMMON = tomllib.loads((Path(__file__).parent / "common_passwords.toml").read_text("utf-8"))
COMMON_PASSWORDS = frozenset(
    [*_COMMON["others"], *(word + end for word in _COMMON["words"] for end in _COMMON["endings"])]
)
"""In lower case."""


def check_password(password: str) -> str:
    """Return `password` where it is good enough (seed N; OWASP ASVS 5.0 §6.2).

    Raises:
        ValueError: fewer than 8 characters; no upper-case letter, lower-case letter or digit; or
            one of those that are tried first.
    """
    if len(password) < 8:
        raise ValueError("must have at least 8 characters")
    if not (
        any(map(str.isupper, password))
        and any(map(str.islower, password))
        and any(map(str.isdigit, password))
    ):
        raise ValueError("must contain an upper-case letter, a lower-case letter and a digit")
    if password.lower() in COMMON_PASSWORDS:
        raise ValueError("is one of the passwords that are guessed first")
    return password


def derive_username(email: str) -> str:
    """Return the username of somebody who chose none: the local part of the address, tidied."""
    return re.sub(r"[^\w.-]+", "-", email.rpartition("@")[0])[:40]


class Refresh(Enum):
    """What becomes of a refresh token that somebody presents."""

    ROTATE = auto()
    """Spend it and give a new pair."""
    REPEAT = auto()
    """Give the very pair again that it was spent on: two tabs, or an answer that got lost."""
    EXPIRED = auto()
    REUSED = auto()
    """Somebody has a copy: the family ends."""


def judge_refresh(
    *,
    now: datetime,
    expires_at: datetime,
    spent_at: datetime | None,
    newest_spent: bool,
    revoked: bool,
    grace: timedelta,
) -> Refresh:
    """Decide on a refresh token (RFC 9700 §4.14, with a grace for honest races).

    Args:
        now: the present instant.
        expires_at: from when an unspent token is too old.
        spent_at: when it was exchanged, if it was.
        newest_spent: its successor is not spent yet.
        revoked: its family has ended.
        grace: how long after `spent_at` the newest spent token may come again.
    """
    if revoked:
        return Refresh.REUSED
    if spent_at is None:
        return Refresh.ROTATE if now < expires_at else Refresh.EXPIRED
    if newest_spent and now - spent_at < grace:
        return Refresh.REPEAT
    return Refresh.REUSED


ADULT_YEARS = 18


def is_adult(dob: date, today: date) -> bool:
    """Return whether somebody born on `dob` is 18 or older (seed B 4.2).

    Who was born on 29 February comes of age on 1 March where the year has no such day.
    """
    years = today.year - dob.year - ((today.month, today.day) < (dob.month, dob.day))
    return years >= ADULT_YEARS


def spelled_duration(start: date, end: date) -> str:
    """Say how long a job lasted, in whole months, its last day counted: `1 year 2 months`."""
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month - (after.day < start.day)
    if months < 1:
        return "less than a month"
    parts = ((months // 12, "year"), (months % 12, "month"))
    return " ".join(f"{n} {unit}{'s' * (n > 1)}" for n, unit in parts if n)


FREE_TRIES = 10
"""Wrong passwords until an account is locked."""
FORGOTTEN_AFTER = timedelta(minutes=15)
"""How long after the last wrong password, or the end of the lock, the next one is the first."""
FIRST_LOCK, LONGEST_LOCK = timedelta(seconds=30), timedelta(hours=1)


def lock_after(failures: int) -> timedelta:
    """Return how long an account is locked after so many wrong passwords; zero: not at all."""
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(FIRST_LOCK * (1 << min(failures - FREE_TRIES, 10)), LONGEST_LOCK)


def is_forgotten(*, now: datetime, last_failed_at: datetime, locked_until: datetime | None) -> bool:
    """Return whether the wrong passwords up to `last_failed_at` count no more."""
    return now - max(last_failed_at, locked_until or last_failed_at) >= FORGOTTEN_AFTER


CODE_PAUSE, LONGEST_CODE_PAUSE = timedelta(minutes=1), timedelta(hours=1)
CODES_A_DAY = 10
"""Mails to one account, for one purpose."""
A_DAY = timedelta(days=1)


def next_code_at(*, last: datetime, voided: int, issued: int, since: datetime) -> datetime:
    """Return from when the next one-time code may be mailed.

    With each code that was guessed at too often the pause doubles: who guesses has a few dozen
    tries a day at a million codes.

    Args:
        last: when the last code was made.
        voided: how many were guessed at too often, one after the other.
        issued: how many there were since `since`, when the day began in which they are counted.
    """
    pause = min(CODE_PAUSE * (1 << min(voided, 6)), LONGEST_CODE_PAUSE)
    return last + pause if issued < CODES_A_DAY else max(last + pause, since + A_DAY)


def average(count: int, total: int) -> float | None:
    """Return the average of `count` ranks that are `total` in all, to one decimal; None of none."""
    return (20 * total + count) // (2 * count) / 10 if count else None


def missing_of(
    *, tax_number: str | None, name: str, website: str | None, country: str | None
) -> list[str]:
    """Return what a company with these facts lacks to post jobs, as the API names it."""
    needed = {"taxNumber": tax_number, "name": name, "website": website, "country": country}
    return [field for field, value in needed.items() if not value]
