"""What two people do to each other: one thing after the other."""

from uuid import UUID

from sqlalchemy import func, select

from libs.common.sessions import WriteSession


async def lock_pair(session: WriteSession, one: UUID, other: UUID) -> None:
    """Wait until nobody else writes, reads or blocks between these two, and let nobody until done.

    The lock ends with the transaction. Take one only: then none waits for another in a circle.
    """
    pair = " ".join(["messaging", *sorted(map(str, (one, other)))])
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(pair, 0))))
