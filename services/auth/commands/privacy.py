"""Erasure: the account goes at once; whatever else is held of its owner follows by an event."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import col, delete, select, update

from libs.common import clock
from libs.common.contracts.auth import UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.messaging import publish
from libs.common.service import runtime_in
from libs.common.sessions import WriteSession
from services.auth.commands.employers import leave_company
from services.auth.errors import InvalidCredentials
from services.auth.models import Account, ErasureReceipt
from services.auth.sessions import end_sessions

# Such a job names an address and no account: whether there is one, it must not show. One that is
# being done waits for the account, so it is passed over: it finds nobody, and forgets its body.
_FORGET_CODES = text(
    """
    DELETE FROM inbox WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM inbox WHERE state <> 'done' AND name = 'code.requested'
            AND lower(CAST(body AS json) -> 'data' ->> 'address') IN (:email, :phone)
        FOR UPDATE SKIP LOCKED
    ))
    """
)


async def erase_account(session: WriteSession, user_id: UUID) -> UUID:
    """Delete an account with all that hangs on it, and have every service forget its owner.

    Returns:
        The erasure's id: at random, for who knows it may see how far the erasure has come.

    Raises:
        InvalidCredentials: the account is gone.
    """
    mine = select(Account).where(Account.id == user_id).with_for_update()
    account = (await session.exec(mine)).one_or_none()
    if account is None:
        raise InvalidCredentials
    await end_sessions(session, user_id)
    await leave_company(session, user_id)
    contacts = {"email": account.email_key, "phone": account.phone}
    await session.execute(_FORGET_CODES, contacts)
    await session.exec(delete(Account).where(col(Account.id) == user_id))
    erasure_id = uuid4()
    now = clock.now()
    session.add_all(
        ErasureReceipt(erasure_id=erasure_id, service=service, requested_at=now)
        for service in ("auth", *runtime_in(session).peers)
    )
    publish(session, UserErased(user_id=user_id, role=account.role, erasure_id=erasure_id))
    return erasure_id


async def erase_unproven(session: WriteSession, before: datetime, batch: int) -> int:
    """Erase accounts made before an instant that nobody activated; return how many.

    One that an admin has deactivated stays: its owner may not begin anew.
    """
    unproven = select(Account.id).where(
        col(Account.created_at) < before,
        ~col(Account.is_active),
        col(Account.deactivated_at).is_(None),
    )
    oldest = unproven.order_by(col(Account.created_at)).limit(batch)
    ids = (await session.exec(oldest.with_for_update(skip_locked=True))).all()
    for account_id in ids:
        await erase_account(session, account_id)
    return len(ids)


async def keep_receipt(session: WriteSession, receipt: PersonalDataErased) -> None:
    """Note when a service had erased everything, the first time that it says so."""
    waiting = (
        col(ErasureReceipt.erasure_id) == receipt.erasure_id,
        col(ErasureReceipt.service) == receipt.service,
        col(ErasureReceipt.erased_at).is_(None),
    )
    given = update(ErasureReceipt).where(*waiting).values(erased_at=receipt.erased_at)
    await session.exec(given)
