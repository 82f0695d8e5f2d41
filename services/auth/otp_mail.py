"""Mails about codes and passwords, in the language asked for, else in the account's.

A code comes by a job: to ask for one is one insert, the same for every address, so that its time
does not tell whose account there is, or waits for activation.
"""

from html import escape
from pathlib import Path

from libs.common.context import Context, Language, entered, preferred_language
from libs.common.errors import NotFound
from libs.common.events import Event, event
from libs.common.i18n import Catalogue, say, speaking
from libs.common.ids import new_id
from libs.common.mail import MailRequested, send_mail
from libs.common.messaging import consumes, enqueue
from libs.common.sessions import WriteSession
from services.auth import otp
from services.auth.commands.people import hold
from services.auth.models import Account
from services.auth.queries import account_of

CATALOGUE = Catalogue(Path(__file__).parent / "messages")
_MINUTES = otp.LIFE.seconds // 60


@event("code.requested", subject="address")
class CodeRequested(Event):
    """Somebody wants a code. Private to this service: it never meets a broker."""

    address: str
    """E-mail or phone."""
    language: Language | None = None
    """That was asked for."""
    purpose: otp.Purpose = otp.Purpose.ACTIVATION


@consumes(CodeRequested)
async def mail_code(session: WriteSession, request: CodeRequested) -> None:
    """Mail a new code, where there is an account that may have one by now."""
    found = await account_of(session, request.address)
    if found is None:
        return
    try:
        account, _ = await hold(session, found.id)
    except NotFound:  # erased in this moment
        return
    if account.deactivated_at is not None:
        return
    if account.is_active and request.purpose is otp.Purpose.ACTIVATION:
        return
    code = await otp.issue(session, account.id, request.purpose)
    if code is not None:
        # Without a name: whoever registers a stranger's address would have us write to him.
        mail_to(session, account, request.purpose, request.language, code=code, minutes=_MINUTES)


def mail_to(
    session: WriteSession, account: Account, topic: str, asked: Language | None, **values: object
) -> None:
    """Send the mail of a topic: `mail.TOPIC_subject`, `_text` and `_html` in the catalogue."""
    shown = {key: escape(str(value)) for key, value in values.items()}
    language = asked or preferred_language(account.language)
    with entered(Context("", "", language)), speaking(CATALOGUE):
        mail = MailRequested(
            mail_id=new_id(),
            people=[account.id],
            to=account.email,
            subject_line=say(f"mail.{topic}_subject"),
            text=say(f"mail.{topic}_text", **values),
            html=say(f"mail.{topic}_html", **shown),
        )
    enqueue(session, send_mail, mail)
