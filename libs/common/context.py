"""What is known of the request or event in hand: its id, trace and language.

Kept in one context variable, so that logs, errors and published events carry it unasked.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from random import getrandbits
from typing import Literal

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
DEFAULT: Language = "vi"

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")


@dataclass(frozen=True, slots=True)
class Context:
    """One request's or event's identity, as carried between processes."""

    request_id: str
    traceparent: str
    language: Language | None = None
    """Which of ours the caller asked for; None: for none."""


_current: ContextVar[Context | None] = ContextVar("waymark_context", default=None)


def current() -> Context | None:
    """Return the context of the request or event in hand, or None outside of both."""
    return _current.get()


def language() -> Language:
    """Return the language of the caller, Vietnamese where nobody asked for another."""
    return asked_language() or DEFAULT


def asked_language() -> Language | None:
    """Return the language that the caller asked for, None where for none that we speak."""
    context = _current.get()
    return context.language if context else None


@contextmanager
def entered(context: Context) -> Iterator[None]:
    """Make `context` the current one for a block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def accept_request_id(value: str | None) -> str:
    """Return the caller's `X-Request-ID` where it is sane, else a new one."""
    if value is not None and _REQUEST_ID.fullmatch(value):
        return value
    return f"{getrandbits(128):032x}"


def accept_traceparent(value: str | None) -> str:
    """Return the caller's `traceparent` where it is valid (W3C Trace Context 1), else a new one."""
    if value is not None and _TRACEPARENT.fullmatch(value):
        return value
    return f"00-{getrandbits(128):032x}-{getrandbits(64):016x}-01"


def preferred_language(accept_language: str | None) -> Language | None:
    """Pick `vi` or `en` from an `Accept-Language` header (RFC 9110 §12.5.4), if it has either."""
    best: Language | None = None
    best_weight = 0.0
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        name = tag.strip().lower().split("-")[0]
        weight = _weight(parameter)
        for known in LANGUAGES:
            if name == known and weight > best_weight:
                best, best_weight = known, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
