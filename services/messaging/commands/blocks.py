"""Wanting no messages from somebody, and wanting them again."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from libs.common import clock
from libs.common.errors import NotFound, TokenInvalid
from libs.common.sessions import WriteSession
from libs.common.snapshots import ERASED
from services.messaging.commands.pairs import lock_pair
from services.messaging.commands.people import check_known
from services.messaging.models import Block, PersonSnapshot
from services.messaging.rules import check_blocked


async def block(session: WriteSession, me: UUID, user_id: UUID) -> None:
    """Block somebody; again changes nothing. Once it is done, nothing of his comes any more.

    Raises:
        CannotBlockSelf: I am that person.
        NotFound: there is no such person.
        TokenInvalid: I was erased in this moment.
    """
    check_blocked(me, user_id)
    await lock_pair(session, me, user_id)
    # Locked, so that no block outlives an erasure that runs at the same time.
    pair = select(PersonSnapshot).where(col(PersonSnapshot.user_id).in_([me, user_id]))
    held = await session.scalars(pair.with_for_update(read=True))
    versions = {person.user_id: person.version for person in held}
    if versions.get(me) == ERASED:
        raise TokenInvalid
    if versions.get(user_id, ERASED) == ERASED:
        raise NotFound
    row = {"user_id": me, "blocked_id": user_id, "since": clock.now()}
    await session.execute(insert(Block).values(row).on_conflict_do_nothing())


async def unblock(session: WriteSession, me: UUID, user_id: UUID) -> None:
    """Let somebody write to me again; whom I have not blocked already may.

    Raises:
        NotFound: there was never such a person.
    """
    await check_known(session, user_id)
    mine = (col(Block.user_id) == me, col(Block.blocked_id) == user_id)
    await session.execute(delete(Block).where(*mine))
