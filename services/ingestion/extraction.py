"""The skills of postings, and of any text: what the backlog's workers and the API ask for.

Extraction is CPU work: it runs in a thread, so that the event loop goes on.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from libs.common.sessions import WriteSession
from services.ingestion.models import Posting
from services.ingestion.skills import EXTRACTOR_VERSION, extract, get_skill_categories
from services.ingestion.skills.doubt import second_opinion

# One statement for a batch; sets of ids travel as text, for arrays of arrays must be rectangular.
_STORE = text(
    """
    UPDATE postings SET skill_ids = CAST(found.skills AS integer[]), extractor_version = :version
    FROM unnest(CAST(:ids AS uuid[]), CAST(:skills AS text[])) AS found (id, skills)
    WHERE postings.id = found.id
    """
)


async def extract_postings(session: WriteSession, posting_ids: Sequence[UUID]) -> None:
    """Find and store the skills of these postings, where this version has not yet done so.

    Their rows stay locked till the transaction ends, in the order of their ids.
    """
    waiting = (
        select(col(Posting.id), col(Posting.title), col(Posting.description))
        .where(
            col(Posting.id).in_(posting_ids),
            col(Posting.extractor_version).is_distinct_from(EXTRACTOR_VERSION),
        )
        .order_by(col(Posting.id))
        .with_for_update()
    )
    rows = (await session.execute(waiting)).all()
    if rows:
        texts = [f"{title}\n{description or ''}" for _, title, description in rows]
        found = await asyncio.to_thread(lambda: list(map(_skill_ids, texts)))
        ids = [row.id for row in rows]
        await session.execute(_STORE, {"ids": ids, "skills": found, "version": EXTRACTOR_VERSION})


def _skill_ids(posting: str) -> str:
    found = {one.skill_id for one in extract(posting, second_opinion())}
    return f"{{{','.join(map(str, sorted(found)))}}}"


def extracted(written: str) -> dict[str, Any]:
    """Return the skills of a text, each once with all its places, the surest first; and grouped."""
    skills: dict[str, dict[str, Any]] = {}
    for found in extract(written):
        skill = skills.setdefault(
            found.name,
            {"name": found.name, "category": found.category, "offsets": [], "confidence": 0.0},
        )
        skill["offsets"].append((found.start, found.end))
        skill["confidence"] = max(skill["confidence"], round(found.confidence, 2))
    listed = sorted(skills.values(), key=lambda skill: (-skill["confidence"], skill["offsets"][0]))
    return {"skills": listed, "categories": get_skill_categories(list(skills))}
