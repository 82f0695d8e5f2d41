"""The openings that meet a condition: all of them where they are few, else the first in order."""

from services.jobs.search import Condition

COUNTED = 1_000
"""Matches of a search that are counted, and summed up, one by one; of more, so many."""
NEWEST = "posted_at DESC, job_id DESC"
MANY = f"(SELECT total FROM counted) > {COUNTED}"  # noqa: S608 - put together of constants
_TRIED, _TRIED_EACH = 500, 5


def matches(
    columns: str, where: Condition, *, limit: str, order: str = NEWEST, further: str = "true"
) -> str:
    """Return the CTEs `counted` and `nearest` over the openings that meet `where`.

    `counted` has their number as `total`, `COUNTED + 1` at most. `nearest` are all of them where
    they are few; of more, the first `limit` in `order` that meet `further` besides.

    Where the index over words and facets is the way, `matching` is planned as if all of it were
    read, hence by that index, but no more of it is read than is counted: told of the limit, the
    planner would go through the table, hoping to meet enough soon. Else the planner has a choice:
    mostly the newest are read in order.
    """
    so_many = "" if where.indexed else f"ORDER BY {NEWEST} LIMIT {COUNTED} + 1"
    return f"""
        matching AS MATERIALIZED (SELECT {columns} FROM openings WHERE {where.sql} {so_many}),
        counted AS (
            SELECT count(*) AS total FROM (SELECT FROM matching LIMIT {COUNTED} + 1) AS first_ones
        ),
        {first("foremost", columns, where, MANY, limit=limit, order=order, further=further)},
        nearest AS (SELECT * FROM matching WHERE NOT ({MANY}) UNION ALL SELECT * FROM foremost)
    """  # noqa: S608 - put together of constants; what is sent comes in as values


def first(
    name: str, columns: str, where: Condition, when: str, *, limit: str, order: str, further: str
) -> str:
    """Return the CTE `name`: the first `limit` in `order` that meet `where` and `further`.

    It is empty unless `when`. Follows those of `matches`, whose columns include its own.

    To look through openings in order for words is dear, for each one's are unpacked: after some,
    among which are enough of those that are common, all of `matching` are read and sorted.
    """
    if not where.indexed:
        return f"""{name} AS (
            SELECT {columns} FROM openings WHERE {when} AND {where.sql} AND {further}
            ORDER BY {order} LIMIT {limit}
        )"""  # noqa: S608
    enough = f"(SELECT count(*) FROM {name}_tried) = {limit}"  # noqa: S608
    return f"""
        {name}_tried AS MATERIALIZED (
            SELECT {columns} FROM (
                SELECT * FROM openings WHERE {when} AND {further}
                ORDER BY {order} LIMIT greatest({_TRIED}, {_TRIED_EACH} * ({limit}))
            ) AS tried WHERE {where.sql} ORDER BY {order} LIMIT {limit}
        ), {name} AS (
            SELECT * FROM {name}_tried WHERE {enough}
            UNION ALL (
                SELECT {columns} FROM matching WHERE {when} AND NOT ({enough}) AND {further}
                ORDER BY {order} LIMIT {limit}
            )
        )
    """  # noqa: S608
