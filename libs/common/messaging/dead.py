"""Dead letters: what a handler gave up on, for an operator to read and to revive."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from libs.common.sessions import ENQUEUED, ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message and the handler that failed on it at every attempt."""

    message_id: UUID
    handler: str
    name: str
    attempts: int
    error: str
    received_at: datetime


async def list_dead(session: ReadSession | WriteSession) -> list[DeadLetter]:
    """Return this service's dead letters, oldest first."""
    connection = await session.connection()
    result = await connection.execute(
        text(
            "SELECT message_id, handler, name, attempts, error, received_at FROM inbox"
            " WHERE state = 'dead' ORDER BY received_at, message_id, handler"
        )
    )
    return [DeadLetter(*row) for row in result]


async def replay(session: WriteSession, message_id: UUID | None) -> int:
    """Revive the dead letters of one message, or all; return how many. They start afresh."""
    connection = await session.connection()
    result = await connection.execute(
        text(
            "UPDATE inbox SET state = 'waiting', attempts = 0, due_at = now() WHERE state = 'dead'"
            " AND (CAST(:message_id AS uuid) IS NULL OR message_id = :message_id)"
        ),
        {"message_id": message_id},
    )
    session.info[ENQUEUED] = {True, False}
    return result.rowcount
