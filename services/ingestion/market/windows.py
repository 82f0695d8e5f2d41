"""Windows of days, covered by few rollups; pure.

Days are counted as `date.toordinal` does. A rollup counts the `span` days from `bucket * span` on.
"""

from collections.abc import Iterator
from datetime import date, timedelta

SPANS = (256, 64, 16, 4, 1)
"""How many days rollups span: each starts a quarter of the next larger."""


def window(today: date, days: int) -> tuple[date, date]:
    """Return the first and the last of so many days, of which today is one."""
    return today - timedelta(days=days - 1), today


def nodes(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Yield span and bucket of the rollups that together hold all from `first` on.

    The last of them may reach beyond `last`, which has to be today: nothing was posted later.
    Of a year they are 14 at most, whatever it holds.
    """
    day = first.toordinal()
    while day <= last.toordinal():
        span = next(span for span in SPANS if day % span == 0)
        yield span, day // span
        day += span
