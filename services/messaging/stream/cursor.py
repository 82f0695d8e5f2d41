"""Up to where a reader was told: the `id` of an event, opaque to him and exact for us.

Neither ids nor times are in the order of commits: who remembered the last of them would miss what
is committed late. A snapshot of PostgreSQL (`pg_snapshot`: which transactions had ended) tells of
every row whether it was to be seen, so a reader gets each row once, whatever the order of commits.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from libs.common.ids import NIL

TOLD_FOR = timedelta(hours=24)
"""How far back a reader may resume."""

_NUMBER = r"[0-9]{1,18}"
_SNAPSHOT = rf"{_NUMBER}:{_NUMBER}:(?:{_NUMBER}(?:,{_NUMBER})*)?"
_CURSOR = re.compile(
    rf"(?P<at>{_NUMBER})-(?P<seen>{_SNAPSHOT})(?:-(?P<upto>{_SNAPSHOT})-(?P<after>[0-9a-f]{{32}}))?"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between all that a person is told of.

    He was told what `seen` sees. Where there is an `upto` he is in the midst of what came to be
    seen from `seen` to `upto`, which is told in the order of ids: `after` was the last.
    """

    at: int
    """When `seen` was taken: seconds since 1970."""
    seen: str
    upto: str | None = None
    after: UUID = NIL

    def __str__(self) -> str:
        rest = "" if self.upto is None else f"-{self.upto}-{self.after.hex}"
        return f"{self.at}-{self.seen}{rest}"

    @property
    def newest(self) -> int:
        """The number that the next transaction had when its newest snapshot was taken."""
        return int((self.upto or self.seen).split(":")[1])


LOST = Cursor(0, "1:1:")
"""A place so far back that nobody can resume from it."""


def read_cursor(text: str) -> Cursor:
    """Read an `id` of ours, `LOST` where it is none; PostgreSQL takes what this lets pass."""
    found = _CURSOR.fullmatch(text)
    if found is None or not all(_is_snapshot(found[name] or "1:1:") for name in ("seen", "upto")):
        return LOST
    after = UUID(found["after"]) if found["after"] else NIL
    return Cursor(int(found["at"]), found["seen"], found["upto"], after)


def _is_snapshot(text: str) -> bool:
    """Tell whether the running ones are in order, and within the bounds."""
    first, end, listed = text.split(":")
    running = [int(number) for number in listed.split(",") if number]
    row = [int(first), *running, int(end)]
    return row[0] > 0 and row == sorted(row) and (not running or running[-1] < row[-1])
