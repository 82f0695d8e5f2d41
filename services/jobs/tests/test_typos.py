"""Words that were meant."""

import pytest
from sqlalchemy import text

from libs.common.testing import Bench
from services.jobs.typos import closest, variants_of

KNOWN = ["java", "jaws", "kubernetes", "developer", "backend", "data"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jaav", ["java"]),
        ("jav", ["java"]),
        ("javva", ["java"]),
        ("jawa", ["java", "jaws"]),
        ("kubernets", ["kubernetes"]),
        ("kubernettis", ["kubernetes"]),
        ("bcakend", ["backend"]),
        ("bakcned", []),
        ("banana", []),
        ("java", ["java"]),
    ],
)
async def test_what_is_near_is_found_by_variants(
    bench: Bench, typed: str, meant: list[str]
) -> None:
    """Whatever is near enough shares a variant, so that the index finds it."""
    shared = text(
        f"SELECT known FROM unnest(CAST(:known AS text[])) AS known,"
        f" CAST(:typed AS text) AS typed"
        f" WHERE {variants_of('known')} && {variants_of('typed')}"
    )
    async with bench.db.read() as session:
        near = list(await session.scalars(shared, {"known": KNOWN, "typed": typed}))
    assert closest(typed, near) == meant
    assert closest(typed, KNOWN) == meant
