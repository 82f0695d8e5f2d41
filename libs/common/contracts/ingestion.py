"""What the ingestion service says."""

from uuid import UUID

from libs.common.events import Event, event


@event("ingestion.run_completed", subject="run_id")
class IngestionRunCompleted(Event):
    """A run over one source has ended; the counts are postings."""

    run_id: UUID
    source: str
    new: int
    updated: int
    unchanged: int
    skipped: int
