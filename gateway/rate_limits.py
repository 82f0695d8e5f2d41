"""How often one client address may call a route: sliding windows, kept in this process's memory.

What is counted is admitted requests; who is refused does not push his own time out. The price of
several gateways, each with a memory of its own, is in decision 0007.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address
from math import ceil
from time import monotonic
from typing import Final, NamedTuple

from libs.common.errors import TooManyRequests

MOST_ADDRESSES: Final = 10_000
"""Remembered a policy, about 3 MB; then the one that called least recently is forgotten."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so many seconds, over all routes that name the policy."""

    policy: str
    limit: int
    seconds: int


class Window(NamedTuple):
    """What is remembered of one address: admissions in its present window and the one before."""

    start: float
    admitted: int = 0
    before: int = 0


class Decision(NamedTuple):
    """Whether a request may pass, and what then is left."""

    admitted: bool
    window: Window
    left: int
    """How many more may follow at once."""
    seconds: float
    """Until there is room; where there is some, until the window ends."""


def decide(window: Window | None, now: float, limit: int, seconds: float) -> Decision:
    """Judge one request: the last `seconds` held fewer than `limit` admissions, or they did not.

    Admissions of the window before are taken to be spread evenly over it, so that two numbers do
    for what would need the time of each. Windows begin with an address's first request.
    """
    if window is None or now - window.start >= 2 * seconds:
        window = Window(now)
    elif now - window.start >= seconds:
        window = Window(window.start + seconds, 0, window.admitted)
    part = (now - window.start) / seconds
    if wait := _windows_until_room(window, part, limit):
        return Decision(False, window, 0, wait * seconds)
    window = window._replace(admitted=window.admitted + 1)
    after = _windows_until_room(window, part, limit) or 1 - part
    return Decision(True, window, int(_room(window, part, limit)), after * seconds)


def _room(window: Window, part: float, limit: int) -> float:
    """Return how many may be admitted when `part` of the window has gone by."""
    return round(limit - window.admitted - window.before * (1 - part), 9)


def _windows_until_room(window: Window, part: float, limit: int) -> float:
    if _room(window, part, limit) >= 1:
        return 0.0
    if window.admitted < limit:  # room comes as the window before slides out of sight
        return 1 - (limit - 1 - window.admitted) / window.before - part
    return 1 - part + 1 / limit  # in the next window, when enough of this one has slid out


class RateLimits:
    """Counts requests by policy and client address."""

    def __init__(self, scale: float) -> None:
        """Make it with all limits multiplied by `scale`, but at least 1; 0 lifts them."""
        self._scale = scale
        self._windows: dict[str, dict[str, Window]] = {}

    def check(self, limit: RateLimit, address: str) -> Headers:
        """Count a request; return the headers that tell its sender how much is left.

        Raises:
            TooManyRequests: it is over the limit.
        """
        if not self._scale:
            return []
        windows = self._windows.setdefault(limit.policy, {})
        key = group_of(address)
        most = max(1, int(limit.limit * self._scale))
        decision = decide(windows.pop(key, None), monotonic(), most, limit.seconds)
        if len(windows) >= MOST_ADDRESSES:
            del windows[next(iter(windows))]
        windows[key] = decision.window
        after = max(1, ceil(decision.seconds))
        told = {
            "RateLimit-Policy": f'"{limit.policy}";q={most};w={limit.seconds}',
            "RateLimit": f'"{limit.policy}";r={decision.left};t={after}',
        }
        if not decision.admitted:
            raise TooManyRequests(headers=told | {"Retry-After": str(after)})
        return [(name.lower().encode(), value.encode()) for name, value in told.items()]


def group_of(address: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the /64 of an IPv6 one.

    A /64 is the least that one customer gets (RFC 6177), with 2^64 addresses to choose from.
    """
    if ":" not in address:
        return address
    return IPv6Address(address).packed[:8].hex()
