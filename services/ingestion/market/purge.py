"""Clears away rollups that count nothing any more, once their postings are gone."""

from libs.common.db import Database
from libs.common.tasks import Task

BATCH = 1000
DAY = 24 * 3600.0

# What somebody counts up at this moment is passed over: nobody waits for anybody.
_PURGE = """
    WITH empty AS (
        SELECT kind, span, bucket, key FROM rollups WHERE count = 0 LIMIT :batch
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM rollups USING empty
    WHERE (rollups.kind, rollups.span, rollups.bucket, rollups.key)
        = (empty.kind, empty.span, empty.bucket, empty.key)
    RETURNING true
    """


async def _a_batch(db: Database) -> int:
    async with db.write() as session:
        return len(await session.run(_PURGE, batch=BATCH))


purge = Task("purge of empty rollups", _a_batch, every=DAY, batch=BATCH)
