"""Reads rollups: what most postings of a window share, and how many share what.

However many postings there are, and however long the window, a bounded number of rows is read.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from libs.common import clock
from libs.common.rows import Rows
from services.ingestion.market.windows import nodes, window


class Window(NamedTuple):
    """The days that are counted, both included."""

    first: date
    last: date

    def cover(self) -> dict[str, list[int]]:
        """Return the rollups that hold them, as statements want them."""
        covering = list(nodes(self.first, self.last))
        return {"spans": [span for span, _ in covering], "buckets": [b for _, b in covering]}


_NODE = """
    node AS (
        SELECT * FROM unnest(CAST(:spans AS integer[]), CAST(:buckets AS integer[]))
            AS node (span, bucket)
    )
"""
# The most shared of each rollup; what is in none of these lists shares at most the sum of the
# lists' last counts (the threshold algorithm of Fagin, Lotem and Naor). OFFSET 0 keeps the planner
# from reading whole rollups.
_MOST = f"""
    WITH {_NODE}, best AS MATERIALIZED (
        SELECT kind, span, bucket, depth, top.key, top.count
        FROM unnest(CAST(:kinds AS text[]), CAST(:depths AS integer[])) AS wanted (kind, depth),
            node, LATERAL (
                SELECT key, count FROM rollups
                WHERE kind = wanted.kind AND span = node.span AND bucket = node.bucket
                ORDER BY count DESC, key LIMIT depth
            ) AS top
    ), ends AS (
        SELECT kind, min(count) AS least FROM best
        GROUP BY kind, span, bucket, depth HAVING count(*) = depth
    ), hidden AS (
        SELECT kind, sum(least) AS most FROM ends GROUP BY kind
    ), total AS (
        SELECT kind, key, sum(found.count) AS count
        FROM (SELECT DISTINCT kind, key FROM best) AS candidate, node, LATERAL (
            SELECT count FROM rollups
            WHERE kind = candidate.kind AND span = node.span AND bucket = node.bucket
                AND key = candidate.key OFFSET 0
        ) AS found
        GROUP BY kind, key HAVING sum(found.count) > 0
    ), ranked AS (
        SELECT *, rank() OVER (PARTITION BY kind ORDER BY count DESC) AS place FROM total
    )
    SELECT kind, key, count, count > coalesce(most, 0)
    FROM ranked JOIN unnest(CAST(:kinds AS text[]), CAST(:limits AS integer[]))
        AS wanted (kind, "limit") USING (kind) LEFT JOIN hidden USING (kind)
    WHERE place <= "limit"
"""  # noqa: S608 - our own text
_ALL = f"""
    WITH {_NODE}
    SELECT kind, key, sum(count) FROM unnest(CAST(:kinds AS text[])) AS kind, node, LATERAL (
        SELECT key, count FROM rollups
        WHERE kind = kind.kind AND span = node.span AND bucket = node.bucket OFFSET 0
    ) AS found
    GROUP BY kind, key HAVING sum(count) > 0
"""  # noqa: S608
_BY_DAY = """
    SELECT bucket, count FROM rollups
    WHERE kind = :kind AND key = :key AND span = 1 AND bucket BETWEEN :first AND :last
"""


def last_days(days: int) -> Window:
    """Return the window of so many days that ends today (UTC)."""
    return Window(*window(clock.now().date(), days))


async def most_shared(
    rows: Rows, days: Window, limits: Mapping[str, int]
) -> dict[str, list[tuple[str, int]]]:
    """Return of each kind what most postings share, and how many: the most first, no ties cut."""
    depth = 1
    while True:
        asked: dict[str, Any] = {"kinds": [*limits], "limits": [*limits.values()]}
        asked["depths"] = [depth * (2 * limit + 10) for limit in limits.values()]
        found = await rows.read(_MOST, **asked, **days.cover())
        if all(sure for *_, sure in found):
            break
        depth *= 8
    most: dict[str, list[tuple[str, int]]] = {kind: [] for kind in limits}
    for kind, key, count, _ in sorted(found, key=lambda row: (-row[2], row[1])):
        most[kind].append((key, int(count)))
    return most


async def all_shared(rows: Rows, days: Window, kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many postings share each key of these kinds, which must be few."""
    counts: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    for kind, key, count in await rows.read(_ALL, kinds=[*kinds], **days.cover()):
        counts[kind][key] = int(count)
    return counts


async def by_day(rows: Rows, days: Window, kind: str, key: str) -> dict[date, int]:
    """Return how many postings of each day share something; of days without any, nothing."""
    bounds = {"first": days.first.toordinal(), "last": days.last.toordinal()}
    found = await rows.read(_BY_DAY, kind=kind, key=key, **bounds)
    return {date.fromordinal(day): count for day, count in found if count}
