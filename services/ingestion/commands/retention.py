"""Retention: postings go a while after they were found, and with them what was counted of them."""

from datetime import timedelta

from sqlalchemy import text

from libs.common import clock
from libs.common.db import Database
from libs.common.sessions import WriteSession
from libs.common.tasks import Task
from services.ingestion.commands.store import ask_for_renewal, regroup
from services.ingestion.settings import settings

BATCH = 1000
WEEK = 7 * 24 * 3600.0

_DELETE = text(
    """
    DELETE FROM postings WHERE id = ANY(ARRAY(
        SELECT id FROM postings WHERE scraped_at < :before ORDER BY id LIMIT :batch
        FOR UPDATE SKIP LOCKED
    )) RETURNING id, fingerprint
    """
)


async def forget_old_postings(session: WriteSession, days: int) -> int:
    """Delete a batch of the postings found over `days` ago; return how many.

    Of a group of near-copies the newest that stays counts from now on.
    """
    before = clock.now() - timedelta(days=days)
    gone = (await session.execute(_DELETE, {"before": before, "batch": BATCH})).all()
    groups = {row.fingerprint for row in gone} - {None}
    regrouped = await regroup(session, groups)
    await ask_for_renewal(session, [*(row.id for row in gone), *regrouped])
    return len(gone)


async def _a_batch(db: Database) -> int:
    async with db.write() as session:
        return await forget_old_postings(session, settings().job_data_retention_days)


retention = Task("retention", _a_batch, every=WEEK, batch=BATCH)
