"""Answers kept in this process until the market's numbers change, or a new day begins.

They are kept under the instant of the last change, which stands in the database and is written
with the change: so no replica, whichever heard of it, answers with old numbers.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from typing import Any, TypeVar, cast

from libs.common import clock
from libs.common.rows import Rows

T = TypeVar("T")
KEPT = 500
"""Answers, the last asked for."""

_answers: OrderedDict[tuple[object, ...], Any] = OrderedDict()


async def as_of(rows: Rows) -> datetime:
    """Return since when the market's numbers are what they are: the last change, or midnight.

    At midnight (UTC) windows move on.
    """
    midnight = datetime.combine(clock.now().date(), time(), UTC)
    found = await rows.read("SELECT refreshed_at FROM market_state")
    return max(found[0][0], midnight) if found else midnight


async def kept(
    rows: Rows, make: Callable[[datetime], Awaitable[T]], name: str, *asked: object
) -> T:
    """Return what `make` made of the present numbers, given their instant; made once."""
    instant = await as_of(rows)
    key = (instant, name, *asked)
    if key in _answers:
        _answers.move_to_end(key)
    else:
        _answers[key] = await make(instant)
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return cast("T", _answers[key])
