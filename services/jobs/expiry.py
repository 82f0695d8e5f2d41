"""Jobs whose last day is over, found by the clock."""

from libs.common.db import Database
from libs.common.tasks import Task
from services.jobs.commands.lifecycle import expire_due

BATCH = 200


async def expire(db: Database) -> int:
    """Let a batch of the jobs expire that are due; return how many that were."""
    async with db.write() as session:
        return await expire_due(session, BATCH)


expiry = Task("expiry", expire, every=2.0, batch=BATCH)
