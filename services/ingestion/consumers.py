"""What the ingestion service does as it hears events: its backlog, and whom it advises."""

from libs.common.contracts.auth import CandidateUpdated
from libs.common.contracts.ingestion import ExtractionRequested
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from libs.common.snapshots import keep_newest
from services.ingestion.extraction import extract_postings
from services.ingestion.market.rollups import refresh_market
from services.ingestion.models import CandidateSnapshot


@consumes(ExtractionRequested)
async def on_extraction_requested(session: WriteSession, event: ExtractionRequested) -> None:
    """Renew the skills of postings, and what the market counts of them; any worker may."""
    await extract_postings(session, event.posting_ids)
    await refresh_market(session, event.posting_ids)


@consumes(CandidateUpdated)
async def on_candidate_updated(session: WriteSession, event: CandidateUpdated) -> None:
    """Know what he can and what he aims for."""
    facts = event.model_dump(include=set(CandidateSnapshot.model_fields))
    await keep_newest(session, CandidateSnapshot, facts)


consumers = [on_extraction_requested, on_candidate_updated]
