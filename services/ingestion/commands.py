"""A run's three steps: begin, save a batch, end. Each is a transaction of its caller."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import col

from libs.common import clock
from libs.common.contracts.ingestion import IngestionRunCompleted
from libs.common.db import WriteSession
from libs.common.ids import new_id
from libs.common.messaging import publish
from libs.common.text import fold
from services.ingestion.models import Run
from services.ingestion.sources.shape import SourcePosting
from services.ingestion.tally import Tally

# A posting that is as it was is left out before the insert: an upsert would lock, and so rewrite,
# its row. Sorted, so that two runs at once wait for each other instead of locking crosswise.
# An updated row was locked by us first, hence has an xmax; a new one has none.
_UPSERT = text(
    """
    INSERT INTO postings AS old (id, url, title, company, location, description, date_posted,
                          salary_string, remote, source, title_folded, company_folded,
                          content_hash, scraped_at, updated_at)
    SELECT found.*, :now, :now
    FROM unnest(CAST(:id AS uuid[]), CAST(:url AS text[]), CAST(:title AS text[]),
                CAST(:company AS text[]), CAST(:location AS text[]),
                CAST(:description AS text[]), CAST(:date_posted AS date[]),
                CAST(:salary_string AS text[]), CAST(:remote AS boolean[]),
                CAST(:source AS text[]), CAST(:title_folded AS text[]),
                CAST(:company_folded AS text[]), CAST(:content_hash AS bytea[]))
      AS found (id, url, title, company, location, description, date_posted, salary_string,
                remote, source, title_folded, company_folded, content_hash)
    WHERE NOT EXISTS (SELECT FROM postings AS same WHERE same.url = found.url
                      AND same.content_hash = found.content_hash)
    ORDER BY found.url
    ON CONFLICT (url) DO UPDATE
    SET title = excluded.title, company = excluded.company, location = excluded.location,
        description = excluded.description, date_posted = excluded.date_posted,
        salary_string = excluded.salary_string, remote = excluded.remote,
        source = excluded.source, title_folded = excluded.title_folded,
        company_folded = excluded.company_folded, content_hash = excluded.content_hash,
        updated_at = excluded.updated_at
    WHERE old.content_hash <> excluded.content_hash
    RETURNING old.xmax = 0 AS is_new
    """
)


async def start_run(session: WriteSession, source: str) -> UUID:
    """Note that a run over `source` begins; return its id."""
    run = Run(source=source, started_at=clock.now())
    session.add(run)
    return run.id


async def save_batch(
    session: WriteSession, run_id: UUID, postings: Mapping[str, SourcePosting], tally: Tally
) -> None:
    """Write postings by canonical URL, a later one over an earlier; count them for the run.

    Each has a title and a source.
    """
    rows = [_row(url, posting) for url, posting in postings.items()]
    if rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        written = await session.scalars(_UPSERT, columns | {"now": clock.now()})
        news = written.all()
        tally.new += news.count(True)
        tally.updated += news.count(False)
        tally.unchanged += len(rows) - len(news)
    await session.execute(update(Run).where(col(Run.id) == run_id).values(tally.counts()))


async def finish_run(session: WriteSession, run_id: UUID) -> None:
    """Note that a run is complete, and say so to whoever wants to know."""
    run = await session.get_one(Run, run_id)
    run.finished_at = clock.now()
    facts = run.model_dump(include={"source", "new", "updated", "unchanged", "skipped"})
    publish(session, IngestionRunCompleted(run_id=run_id, **facts))


def _row(url: str, posting: SourcePosting) -> dict[str, object]:
    content_hash = sha256(posting.model_dump_json().encode()).digest()
    return posting.model_dump() | {
        "id": new_id(),
        "url": url,
        "title_folded": fold(posting.title or ""),
        "company_folded": fold(posting.company) if posting.company else None,
        "content_hash": content_hash,
    }
