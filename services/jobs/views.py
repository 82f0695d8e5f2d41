"""How often jobs are read: counted in memory, and added to what is stored every few seconds.

A process that is killed (SIGKILL) loses what it counted since; one that is stopped, nothing.
"""

import re
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from libs.common.db import Database
from libs.common.tasks import Task

EVERY = 5.0
"""Seconds between two times that the counts are stored."""
MOST = 10_000
"""Jobs that are counted at a time; the first views of yet another are not."""

_BOT = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor|archiver|facebookexternalhit", re.I)
_ADD = text(
    """
    INSERT INTO job_views (job_id, views)
    SELECT * FROM unnest(CAST(:job_ids AS uuid[]), CAST(:counts AS bigint[]))
    ON CONFLICT (job_id) DO UPDATE SET views = job_views.views + excluded.views
    """
)


def unwritten(db: Database) -> Counter[UUID]:
    """Return the views that this process has counted and not stored yet, by job."""
    counts: Counter[UUID] = db.info.setdefault("views", Counter())
    return counts


def count_view(db: Database, job_id: UUID, headers: Mapping[str, str]) -> None:
    """Count that somebody read a job: no program that reads for others, nor who asked HEAD.

    `headers` are the request's; the gateway says there that it made a GET of a HEAD.
    """
    counts = unwritten(db)
    is_read = "x-asked-head" not in headers and not _BOT.search(headers.get("user-agent", ""))
    if is_read and (job_id in counts or len(counts) < MOST):
        counts[job_id] += 1


async def store_views(db: Database) -> int:
    """Add what was counted to what is stored; return of how many jobs that was.

    Whoever reads a count meanwhile may see what is being stored twice, until the next time.
    """
    counts = unwritten(db)
    taken = sorted(counts.items())  # in one order everywhere: two that store at once do not lock up
    if not taken:
        return 0
    job_ids, numbers = zip(*taken, strict=True)
    async with db.write() as session:
        await session.execute(_ADD, {"job_ids": list(job_ids), "counts": list(numbers)})
    for job_id, number in taken:
        counts[job_id] -= number
        if not counts[job_id]:
            del counts[job_id]
    return len(taken)


view_counts = Task("view counts", store_views, every=EVERY, batch=MOST + 1, last=True)
