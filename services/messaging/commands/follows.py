"""Following an employer, and ceasing to."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from libs.common import clock
from libs.common.contracts.messaging import EmployerFollowed, EmployerUnfollowed
from libs.common.errors import NotFound
from libs.common.identity import Role
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.messaging.commands.notifications import notify
from services.messaging.commands.pairs import lock_pair
from services.messaging.models import Follow, PersonSnapshot


async def toggle_follow(session: WriteSession, candidate_id: UUID, employer_id: UUID) -> bool:
    """Follow an employer, or cease to; return whether the candidate follows him now.

    Raises:
        NotFound: there is no such employer to follow, or he is not active.
    """
    await lock_pair(session, candidate_id, employer_id)
    pair = {"candidate_id": candidate_id, "employer_id": employer_id}
    follow = await session.get(Follow, pair)
    if follow is not None:
        await session.delete(follow)
        publish(session, EmployerUnfollowed(**pair, unfollowed_at=clock.now()))
        return False
    await _check_people(session, candidate_id, employer_id)
    follow = Follow(**pair, since=clock.now())
    session.add(follow)
    followed = EmployerFollowed(**pair, followed_at=follow.since)
    publish(session, followed)
    await notify(session, followed)
    return True


async def _check_people(session: WriteSession, candidate_id: UUID, employer_id: UUID) -> None:
    """Refuse whom nobody may follow, and a candidate erased in this moment; hold both till then."""
    pair = col(PersonSnapshot.user_id).in_([candidate_id, employer_id])
    held = select(PersonSnapshot).where(pair).with_for_update(read=True, key_share=True)
    known = {person.user_id: person for person in await session.scalars(held)}
    employer, candidate = known.get(employer_id), known.get(candidate_id)
    if employer is None or employer.role != Role.EMPLOYER or not employer.is_active:
        raise NotFound
    if candidate is not None and candidate.version == ERASED:
        raise NotFound
