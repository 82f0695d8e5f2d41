"""One run: postings flow from a source into the tables, batch by batch."""

from collections.abc import Iterable
from itertools import islice

from libs.common.db import Database
from services.ingestion.commands import finish_run, save_batch, start_run
from services.ingestion.dedupe import UnusableUrl, canonical_url
from services.ingestion.sources.shape import BadLine, SourcePosting
from services.ingestion.tally import Tally

BATCH = 500
"""Postings a transaction, and the most that are held at once."""


async def run_over(
    db: Database, source: str, found: Iterable[SourcePosting | BadLine], tally: Tally
) -> None:
    """Save what a source yields, counting in `tally`.

    Where `found` raises, the batches before stay, the run has no end, and no event is published.
    """
    async with db.write() as session:
        run_id = await start_run(session, source)
    coming = iter(found)
    while batch := list(islice(coming, BATCH)):
        postings = _usable(batch, source, tally)
        async with db.write() as session:
            await save_batch(session, run_id, postings, tally)
    async with db.write() as session:
        await finish_run(session, run_id)


def _usable(
    batch: list[SourcePosting | BadLine], source: str, tally: Tally
) -> dict[str, SourcePosting]:
    """Return the postings of a batch by canonical URL, the last of each; count the others."""
    usable: dict[str, SourcePosting] = {}
    for found in batch:
        if isinstance(found, BadLine):
            tally.fail(found)
            continue
        try:
            url = canonical_url(found.url or "")
        except UnusableUrl as error:
            tally.skipped[f"the URL {error}" if found.url else "no URL"] += 1
            continue
        if found.title is None:
            tally.skipped["no title"] += 1
            continue
        if url in usable:
            tally.skipped["repeated"] += 1
        usable[url] = found.model_copy(update={"source": found.source or source})
    return usable
