"""What is kept of the facts of people."""

from uuid import UUID

from libs.common.contracts.auth import CandidateUpdated, UserActivated, UserRegistered, UserUpdated
from libs.common.errors import NotFound
from libs.common.sessions import WriteSession
from libs.common.snapshots import keep_newest
from services.messaging.models import CandidateSnapshot, PersonSnapshot


async def keep_person(
    session: WriteSession, person: UserRegistered | UserActivated | UserUpdated
) -> None:
    """Remember a person, unless something newer of him is known already."""
    await keep_newest(session, PersonSnapshot, person.model_dump())


async def keep_candidate(session: WriteSession, candidate: CandidateUpdated) -> None:
    """Remember what a candidate calls himself: the first role that he wants."""
    headline = next(iter(candidate.target_roles), None)
    facts = candidate.model_dump(include={"candidate_id", "version"}) | {"headline": headline}
    await keep_newest(session, CandidateSnapshot, facts)


async def check_known(session: WriteSession, user_id: UUID) -> None:
    """Let pass the id of somebody, be he erased since.

    Raises:
        NotFound: nobody ever bore it.
    """
    if await session.get(PersonSnapshot, user_id) is None:
        raise NotFound
