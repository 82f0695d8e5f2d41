"""The SQL of a page of openings, in each order.

Made of constants and of clauses whose words do not depend on what is sent: that comes in as values.
"""

from typing import Any

from services.jobs.queries.matches import COUNTED, LATEST_COUNTED, MANY, NEWEST, first, newest
from services.jobs.queries.parts import JOB_IN_LIST, WITH_COMPANY
from services.jobs.schemas.search import Sort
from services.jobs.search import Condition

Statement = tuple[str, dict[str, Any]]
"""SQL, and the values of the place where the page begins."""
Place = tuple[Any, ...]
"""The sort keys of the row behind which a page begins; by relevance also those of the floor."""
_KEYS: dict[Sort, tuple[str, ...]] = {
    "newest": ("posted_at", "job_id"),
    "salary": ("pay", "posted_at", "job_id"),
    "relevance": ("rank", "posted_at", "job_id"),
}
_RANKED = 500  # under COUNTED: there may be newer ones by the next page
_FLOOR = ("(SELECT posted_at FROM floor)", "(SELECT job_id FROM floor)")
_AT_FLOOR = f"({', '.join(_FLOOR)})"
_FLOOR_FOUND = f"""floor AS (
    SELECT posted_at, job_id FROM (
        (
            SELECT posted_at, job_id FROM latest
            WHERE {MANY} ORDER BY {NEWEST} LIMIT 1 OFFSET {_RANKED} - 1
        )
        UNION ALL
        SELECT '0001-01-01 00:00:00+00', '00000000-0000-0000-0000-000000000000'
    ) AS floors ORDER BY posted_at DESC LIMIT 1
)"""  # noqa: S608
_FLOOR_SENT = """floor AS (
    SELECT CAST(:floor_at AS timestamptz) AS posted_at, CAST(:floor_id AS uuid) AS job_id
)"""
_PAGE = "(:limit + 1 + :offset)"
"""Rows that are looked at for a page."""


def sorted_page(where: Condition, sort: Sort, after: Place | None) -> Statement:
    """Return the statement for a page in the order of an index."""
    keys = _KEYS[sort]
    columns = ", ".join(keys)
    behind, place = _behind(keys, after)
    if sort == "newest" and after is None:
        limit = f"greatest({COUNTED + 1}, {_PAGE})"
        ctes = f"{newest('latest', columns, where, limit=limit)}, {LATEST_COUNTED}"
        return _shown(f"{ctes}, candidates AS (SELECT * FROM latest)", keys), place  # noqa: S608
    if sort == "newest":
        following = newest(
            *("following", columns, where),
            limit=_PAGE, begin=":posted_at", behind=behind, only_if=MANY,
        )  # fmt: skip
    else:
        order = _descending(keys)
        following = first(
            *("following", columns, where), limit=_PAGE, order=order, behind=behind, only_if=MANY
        )
    return _shown(
        f"""
        {newest("latest", columns, where, limit=str(COUNTED + 1))}, {LATEST_COUNTED}, {following},
        candidates AS (
            SELECT * FROM latest WHERE NOT ({MANY}) AND {behind} UNION ALL SELECT * FROM following
        )""",  # noqa: S608
        keys,
    ), place


def ranked_page(where: Condition, query: str, after: Place | None) -> Statement:
    """Return the statement for a page by relevance to `query`.

    Where many match, only the newest are ranked; those older than the last of them, the *floor*,
    follow newest first, as if their rank were -1. The floor goes along in the cursor.
    """
    keys = _KEYS["relevance"]
    behind, place = _behind(keys, after and after[:3])
    columns, begin, older = "posted_at, job_id, heading", _FLOOR[0], _AT_FLOOR
    latest = newest("latest", columns, where, limit=str(COUNTED + 1))
    found = f"{latest}, {LATEST_COUNTED}, {_FLOOR_FOUND if after is None else _FLOOR_SENT}"
    if after is not None:
        place |= {"floor_at": after[3], "floor_id": after[4]}
        if after[0] < 0:
            begin, older = ":posted_at", "(:posted_at, :job_id)"
    rank = f"CAST(ts_rank(heading, {query}) * 1000000 AS integer)"
    rest = newest(
        *("rest", "posted_at, job_id", where), limit=_PAGE, begin=begin,
        behind=f"(posted_at, job_id) < {older}",
        only_if=f"{MANY} AND (SELECT count(*) FROM top) <= :limit + :offset",  # noqa: S608
    )  # fmt: skip
    ctes = f"""{found}, ranked AS (
            SELECT CASE WHEN (posted_at, job_id) >= {_AT_FLOOR} THEN {rank} ELSE -1 END AS rank,
                posted_at, job_id
            FROM latest WHERE NOT ({MANY}) OR (posted_at, job_id) >= {_AT_FLOOR}
        ), top AS (
            SELECT * FROM ranked WHERE {behind}
        ), {rest}, candidates AS (
            SELECT * FROM top UNION ALL SELECT -1, posted_at, job_id FROM rest
        )"""  # noqa: S608
    return _shown(ctes, keys, *_FLOOR), place


def _behind(keys: tuple[str, ...], after: Place | None) -> Statement:
    """Return the clause that the rows behind one meet, and the values it names."""
    if after is None:
        return "true", {}
    named = ", ".join(f":{key}" for key in keys)
    return f"({', '.join(keys)}) < ({named})", dict(zip(keys, after, strict=True))


def _descending(keys: tuple[str, ...]) -> str:
    return ", ".join(f"{key} DESC" for key in keys)


def _shown(ctes: str, keys: tuple[str, ...], *also_sent: str) -> str:
    """Return the statement that shows a page of `candidates`.

    Its one row has `total`, `jobs` (JSON), and `last`: the page's last keys if more follow.
    `found` holds one row more than the page, to tell that.
    """
    order = _descending(keys)
    return f"""
        WITH {ctes}, found AS (
            SELECT * FROM candidates ORDER BY {order} LIMIT :limit + 1 OFFSET :offset
        ), page AS (
            SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM found
            ORDER BY {order} LIMIT :limit
        )
        SELECT (SELECT total FROM counted) AS total,
            coalesce(json_agg({JOB_IN_LIST} ORDER BY page.place), '[]')::text AS jobs,
            (
                SELECT json_build_array({", ".join([*keys, *also_sent])}) FROM page
                WHERE (SELECT count(*) FROM found) > :limit ORDER BY place DESC LIMIT 1
            ) AS last
        FROM page JOIN jobs ON jobs.id = page.job_id {WITH_COMPANY}
    """  # noqa: S608
