"""Asks for all postings' skills anew, as after a change of the taxonomy."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import select

from libs.common.db import Database
from services.ingestion.commands.store import ask_for_renewal
from services.ingestion.models import Posting

BATCH = 5000

_FORGET = text(
    """
    WITH batch AS (
        SELECT id FROM postings WHERE id > :last ORDER BY id LIMIT :batch FOR NO KEY UPDATE
    )
    UPDATE postings SET extractor_version = NULL FROM batch WHERE postings.id = batch.id
    RETURNING postings.id
    """
)


async def ask_for_all(db: Database, watch: Callable[[int, int], None]) -> int:
    """Queue every posting, a batch a transaction; return how many. `watch` hears done and all."""
    async with db.read() as session:
        total = await session.scalar(select(func.count()).select_from(Posting)) or 0
    done, last = 0, UUID(int=0)
    while True:
        async with db.write() as session:
            ids = sorted(await session.scalars(_FORGET, {"last": last, "batch": BATCH}))
            await ask_for_renewal(session, ids)
        if not ids:
            return done
        done, last = done + len(ids), ids[-1]
        watch(done, total)
