"""How fast the fake is asked: the limit of O*NET's terms, made a failing test."""

from itertools import pairwise
from time import monotonic


class RateMeter:
    """Notes when requests come in."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def note(self) -> None:
        """Note a request."""
        self.times.append(monotonic())

    @property
    def busiest(self) -> int:
        """The most requests that came within any one second."""
        most = first = 0
        for last, time in enumerate(self.times):
            while time - self.times[first] >= 1:
                first += 1
            most = max(most, last - first + 1)
        return most

    @property
    def gaps(self) -> list[float]:
        """Seconds between one request and the next."""
        return [after - before for before, after in pairwise(self.times)]
