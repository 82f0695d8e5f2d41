"""New passwords: for who forgot his, and for who knows it."""

from libs.common.context import asked_language
from libs.common.db import Database
from libs.common.identity import Identity
from libs.common.sessions import WriteSession
from services.auth import lockout, otp, passwords, sessions
from services.auth.commands.accounts import prove_address
from services.auth.commands.people import hold
from services.auth.commands.signing_in import confirm_password
from services.auth.models import Account, Person
from services.auth.otp_mail import mail_to
from services.auth.pace import no_sooner_than
from services.auth.schemas.accounts import ChangePasswordIn, ResetPasswordIn


async def reset_password(db: Database, new: ResetPasswordIn) -> bool:
    """Set a password by a mailed code; return whether it was right. Every session ends.

    Raises:
        TooManyAttempts: too many passwords are being hashed.
    """
    # Before anything is asked: it takes as long whether or not there is such an account.
    password_hash = await passwords.hash_password(new.new_password)
    async with no_sooner_than(otp.ANSWER), db.write() as session:
        proven = await prove_address(session, new.address, otp.Purpose.RESET, new.otp_code)
        if proven is None:
            return False
        account, person = proven
        _set_password(session, account, person, password_hash)
        await sessions.end_sessions(session, account.id)
        await lockout.forgive(session, account)  # last: a sign-in locks these rows in this order
        return True


async def change_password(db: Database, me: Identity, new: ChangePasswordIn) -> None:
    """Replace the caller's password. His other sessions end.

    Raises:
        WrongPassword: the current password is.
        TooManyAttempts: too many were wrong of late, or too many are being checked.
        TokenInvalid: the caller's session has ended meanwhile.
    """
    await confirm_password(db, me.user_id, new.current_password)
    password_hash = await passwords.hash_password(new.new_password)
    async with db.write() as session:
        account, person = await hold(session, me.user_id)
        # A reset that came first has ended this session: it is not to be undone from here.
        await sessions.require_live(session, me.session_id)
        _set_password(session, account, person, password_hash)
        await sessions.end_sessions(session, account.id, spare=me.session_id)


def _set_password(
    session: WriteSession, account: Account, person: Person, password_hash: str
) -> None:
    account.password_hash = password_hash
    mail_to(session, account, "password_changed", asked_language(), name=person.name)
