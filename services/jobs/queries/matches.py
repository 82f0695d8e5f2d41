"""The newest openings that meet a condition: found by the index, however many there are.

The index over words and facets knows no order, and to look for a word in the table is to unpack the
vector of each opening. So among the facets of each is the *shelf* it was posted on, and a search
looks on the newest few first. By what is there it reckons how many shelves have enough, and looks
on so many next; everywhere at last, or where that many are too many. What many jobs have is found
on a few shelves, and what few have is few.
"""

from services.jobs.openings import SHELF_SECONDS, SHELVES_FROM
from services.jobs.search import Condition

COUNTED = 1_000
"""Matches of a search that are counted, and summed up, one by one; of more, so many."""
NEWEST = "posted_at DESC, job_id DESC"
MANY = f"(SELECT total FROM counted) > {COUNTED}"  # noqa: S608 - all is put together of constants
LATEST_COUNTED = f"counted AS (SELECT least(count(*), {COUNTED} + 1) AS total FROM latest)"  # noqa: S608
"""The CTE that counts those in another, `latest`."""
_TRIED, _TRIED_EACH = 500, 5
_FEW, _FURTHER, _MANY = "2", 28, 160  # half a day; a week, as its days differ; forty days
_RARE = 400
"""Of what would take so many shelves, few are expected anywhere."""
_SLACK = 1.5
"""How much further it looks than it reckons."""


def newest(
    name: str,
    columns: str,
    where: Condition,
    *,
    limit: str,
    begin: str = "'9999-12-31'",
    behind: str = "true",
    only_if: str = "true",
) -> str:
    """Return the CTE `name`, and those it needs: the `limit` newest openings that meet `where`.

    Args:
        name: theirs.
        columns: what is read of them, `posted_at` and `job_id` included.
        where: what they meet.
        limit: how many.
        begin: no later than this were they posted.
        behind: what they meet besides.
        only_if: unless this holds, about other CTEs, none are read.
    """
    meet = f"SELECT {columns} FROM openings WHERE {where.sql} AND {behind}"  # noqa: S608
    first = f"ORDER BY {NEWEST} LIMIT {limit}"
    if not where.indexed:
        return f"{name} AS MATERIALIZED ({meet} AND {only_if} {first})"
    its_count, reach = f"(SELECT count(*) FROM {name}_%d)", f"(SELECT shelves FROM {name}_reach_%d)"  # noqa: S608
    lacking = [f"{its_count % n} < {limit}" for n in range(3)]
    further = f"least({reach % 0}, {_FURTHER})"

    def look(number: int, *conditions: str) -> str:
        # OFFSET: told of the limit, the planner would rather unpack, hoping to meet enough soon
        found = (
            f"SELECT * FROM ({' AND '.join([meet, only_if, *conditions])} OFFSET 0) AS met {first}"  # noqa: S608
        )
        return f"{name}_{number} AS MATERIALIZED ({found})"

    def on(shelves: str) -> str:
        numbers = (
            f"SELECT array_agg(1 + number - n) FROM {name}_shelf, generate_series(1, {shelves})"  # noqa: S608
        )
        return f"facets && ({numbers} AS n)"

    def reckon(number: int, shelves: str) -> str:
        needed = f"ceil({_SLACK} * {shelves} * {limit} / nullif({its_count % number}, 0))"
        return f"{name}_reach_{number} AS (SELECT CAST({needed} AS integer) AS shelves)"

    return f"""
        {name}_shelf AS (
            SELECT {SHELVES_FROM} + CAST(floor(
                extract(epoch FROM least(max(posted_at), {begin})) / {SHELF_SECONDS}
            ) AS integer) AS number FROM openings
        ),
        {look(0, on(_FEW))}, {reckon(0, _FEW)},
        {look(1, on(further), f"{reach % 0} <= {_RARE}", lacking[0])}, {reckon(1, further)},
        {look(2, on(reach % 1), f"{reach % 1} <= {_MANY}", *lacking[:2])},
        {look(3, *lacking)},
        {name} AS MATERIALIZED (
            SELECT * FROM {name}_3 UNION ALL SELECT * FROM {name}_0 WHERE NOT {lacking[0]}
            UNION ALL SELECT * FROM {name}_1 WHERE NOT {lacking[1]}
            UNION ALL SELECT * FROM {name}_2 WHERE NOT {lacking[2]}
        )
    """  # noqa: S608


def first(
    name: str,
    columns: str,
    where: Condition,
    *,
    limit: str,
    order: str,
    behind: str,
    only_if: str,
) -> str:
    """Return the CTE `name`: as `newest`, but the first in another `order`, which an index has.

    To look through openings in order for words is dear, for each one's are unpacked: after some,
    among which are enough of those that are common, all that meet `where` are read and sorted.
    """
    tried = f"SELECT * FROM openings WHERE {behind} AND {only_if} ORDER BY {order}"  # noqa: S608
    tried += f" LIMIT greatest({_TRIED}, {_TRIED_EACH} * ({limit}))"
    found = f"ORDER BY {order} LIMIT {limit}"
    meet = f"SELECT {columns} FROM openings WHERE {where.sql} AND {behind} AND {only_if}"  # noqa: S608
    if not where.indexed:
        return f"{name} AS MATERIALIZED ({meet} {found})"
    enough = f"(SELECT count(*) FROM {name}_tried) >= {limit}"  # noqa: S608
    return f"""
        {name}_tried AS MATERIALIZED (
            SELECT {columns} FROM ({tried}) AS tried WHERE {where.sql} {found}
        ),
        {name} AS MATERIALIZED (
            SELECT * FROM {name}_tried WHERE {enough}
            UNION ALL (
                SELECT * FROM ({meet} AND NOT ({enough}) OFFSET 0) AS met {found}
            )
        )
    """  # noqa: S608
