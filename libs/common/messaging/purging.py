"""What was handled long ago leaves the inbox."""

from libs.common.db import Database
from libs.common.tasks import Task

_BATCH = 1000
# Without an index, which every message would pay for: the oldest rows are met first.
_PURGE = """
    DELETE FROM inbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox WHERE state = 'done' AND done_at < now() - interval '7 days'
        LIMIT :batch
    ))
    RETURNING true
    """


async def _purge(db: Database) -> int:
    async with db.write() as session:
        return len(await session.run(_PURGE, batch=_BATCH))


purge = Task("purge of inbox", _purge, every=3600.0, batch=_BATCH)
"""Of every service."""
