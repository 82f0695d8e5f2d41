"""The newest openings that meet a condition: found by the index, however many there are.

The index over words and facets knows no order, and to look for a word in the table is to unpack the
vector of each opening. So among the facets of each is the *shelf* it was posted on, and a search
looks on the newest few first, on more where that is not enough, and everywhere at last: what many
jobs have is found on a few shelves, and what few have is few.
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
_SHELVES = (2, 8, 40)  # twelve hours; two days; ten days


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
    newest_of = f"SELECT array_agg(1 + number - n) FROM {name}_shelf, generate_series(1,"  # noqa: S608
    shelves = [f"facets && ({newest_of} {count}) AS n)" for count in _SHELVES]
    found, lacking = [], only_if
    for n, somewhere in enumerate([*shelves, "true"]):
        # OFFSET: told of the limit, the planner would rather unpack, hoping to meet enough soon
        some = f"SELECT * FROM ({meet} AND {somewhere} AND {lacking} OFFSET 0) AS met {first}"  # noqa: S608
        found.append(f"{name}_{n} AS MATERIALIZED ({some})")
        lacking += f" AND (SELECT count(*) FROM {name}_{n}) < {limit}"  # noqa: S608
    enough = [f"SELECT * FROM {name}_{len(_SHELVES)}"]  # noqa: S608
    enough += [
        f"SELECT * FROM {name}_{n} WHERE (SELECT count(*) FROM {name}_{n}) >= {limit}"  # noqa: S608
        for n in range(len(_SHELVES))
    ]
    return f"""
        {name}_shelf AS (
            SELECT {SHELVES_FROM} + CAST(floor(
                extract(epoch FROM least(max(posted_at), {begin})) / {SHELF_SECONDS}
            ) AS integer) AS number FROM openings
        ),
        {", ".join(found)},
        {name} AS MATERIALIZED ({" UNION ALL ".join(enough)})
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
