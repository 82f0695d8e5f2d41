"""Wanting no messages from somebody, and wanting them again."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from libs.common import clock
from libs.common.errors import NotFound
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.messaging.commands.pairs import lock_pair
from services.messaging.models import Block, PersonSnapshot
from services.messaging.rules import check_blocked


async def block(session: WriteSession, me: UUID, user_id: UUID) -> None:
    """Block somebody; again changes nothing. Once it is done, nothing of his comes any more.

    Raises:
        CannotBlockSelf: I am that person.
        NotFound: there is no such person.
    """
    check_blocked(me, user_id)
    await lock_pair(session, me, user_id)
    # Locked, so that no block outlives an erasure that runs at the same time.
    person = await session.get(PersonSnapshot, user_id, with_for_update={"read": True})
    if person is None or person.version == ERASED:
        raise NotFound
    row = {"user_id": me, "blocked_id": user_id, "since": clock.now()}
    await session.execute(insert(Block).values(row).on_conflict_do_nothing())


async def unblock(session: WriteSession, me: UUID, user_id: UUID) -> None:
    """Let somebody write to me again; whom I have not blocked already may."""
    mine = (col(Block.user_id) == me, col(Block.blocked_id) == user_id)
    await session.execute(delete(Block).where(*mine))
