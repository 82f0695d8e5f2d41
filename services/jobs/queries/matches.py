"""The openings that meet a condition: all of them where they are few, else the first in order."""

COUNTED = 1_000
"""Matches of a search that are counted, and summed up, one by one; of more, so many."""
NEWEST = "posted_at DESC, job_id DESC"
MANY = f"(SELECT total FROM counted) > {COUNTED}"


def matches(
    columns: str, where: str, *, limit: str, order: str = NEWEST, further: str = "true"
) -> str:
    """Return the CTEs `counted` and `nearest` over the openings that meet `where`.

    `counted` has their number as `total`, `COUNTED + 1` at most. `nearest` are all of them where
    they are few; of more, the first `limit` in `order` that meet `further` besides.

    `matching` is planned as if all of it were read, hence by the index over words and facets, but
    no more of it is read than is counted: told of the limit, the planner would go through the
    table, hoping to meet enough soon.
    """
    return f"""
        matching AS MATERIALIZED (SELECT {columns} FROM openings WHERE {where}),
        counted AS (
            SELECT count(*) AS total FROM (SELECT FROM matching LIMIT {COUNTED} + 1) AS first_ones
        ),
        nearest AS (
            SELECT * FROM matching WHERE NOT ({MANY})
            UNION ALL (
                SELECT {columns} FROM openings
                WHERE {MANY} AND {where} AND {further}
                ORDER BY {order} LIMIT {limit}
            )
        )
    """  # noqa: S608 - put together of constants; what is sent comes in as values
