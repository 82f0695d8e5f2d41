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


@event("ingestion.extraction_requested", subject="batch_id")
class ExtractionRequested(Event):
    """Postings came, changed or went: their skills and the market's numbers are to be renewed."""

    batch_id: UUID
    posting_ids: tuple[UUID, ...]


@event("market.refreshed", subject="refresh_id")
class MarketRefreshed(Event):
    """The market's numbers changed: what was kept of them is old."""

    refresh_id: UUID
    postings: int
    """Whose facts made the difference."""
