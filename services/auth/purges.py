"""What the identity service deletes by the clock: what has run out, and what nobody asks for."""

from datetime import timedelta

from libs.common import clock
from libs.common.db import Database
from libs.common.tasks import Task, purge_of
from services.auth.commands.privacy import erase_unproven
from services.auth.rules import A_DAY, FORGOTTEN_AFTER, LONGEST_LOCK
from services.auth.sessions import SLOW_COMMIT
from services.auth.settings import LONGEST_ACCESS

EXPIRY_TOLD_FOR = timedelta(days=7)
"""How long a refresh token is told that it has expired; later it is unknown."""
UNPROVEN_FOR, UNPROVEN_BATCH = timedelta(days=7), 100

_HOUR = 3600.0  # seconds


async def _unproven_accounts(db: Database) -> int:
    """Erase accounts that nobody activated: their address, number and name are free again."""
    async with db.write() as session:
        return await erase_unproven(session, clock.now() - UNPROVEN_FOR, UNPROVEN_BATCH)


tasks = [
    # Each takes its refresh tokens with it, of which there may be thousands.
    purge_of("sessions", "expires_at", EXPIRY_TOLD_FOR, every=_HOUR, batch=100),
    purge_of("revocations", "revoked_at", LONGEST_ACCESS + SLOW_COMMIT, every=60.0),
    purge_of("sign_in_failures", "last_failed_at", LONGEST_LOCK + FORGOTTEN_AFTER, every=60.0),
    # Later than they are void: with them goes the count of those that were guessed at.
    purge_of("one_time_codes", "expires_at", A_DAY, every=_HOUR),
    Task("purge of accounts", _unproven_accounts, every=_HOUR, batch=UNPROVEN_BATCH),
]
