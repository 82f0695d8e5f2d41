"""What the careers service keeps of the facts of others: candidates, to advise them."""

from libs.common.contracts.auth import CandidateUpdated
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession
from libs.common.snapshots import keep_newest
from services.careers.models import CandidateSnapshot


@consumes(CandidateUpdated)
async def on_candidate_updated(session: WriteSession, event: CandidateUpdated) -> None:
    """Know what he can, what he aims for and how far he is."""
    facts = event.model_dump(include=set(CandidateSnapshot.model_fields))
    await keep_newest(session, CandidateSnapshot, facts)


consumers = [on_candidate_updated]
