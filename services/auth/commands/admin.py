"""What an admin does to the accounts of others."""

from uuid import UUID

from libs.common import clock
from libs.common.identity import Identity, Role
from libs.common.sessions import WriteSession
from services.auth.commands.people import hold
from services.auth.errors import OwnAccount
from services.auth.facts import employer_changed, user_changed
from services.auth.models import Account, Employer
from services.auth.sessions import end_sessions


async def set_active(
    session: WriteSession, me: Identity, user_id: UUID, is_active: bool
) -> Account:
    """Deactivate an account, which ends its sessions, or let its owner in again.

    An admin who activates an account whose address was never proven vouches for it himself. The
    same again changes nothing.

    Raises:
        OwnAccount: it is the admin's own.
        NotFound: there is no such account.
    """
    if user_id == me.user_id:
        raise OwnAccount
    account, person = await hold(session, user_id)
    unchanged = account.is_active if is_active else account.deactivated_at is not None
    if not unchanged:
        account.is_active = is_active
        account.deactivated_at = None if is_active else clock.now()
        user_changed(session, account, person)
        if account.role == Role.EMPLOYER:
            employer = await session.get_one(Employer, account.id)
            employer_changed(session, account, person, employer)
        await end_sessions(session, account.id)
    return account
