"""The mail that brings a one-time code, in the language of whoever asked for it.

It is a job: to ask for a code is one insert, the same for every address, so that its time does not
tell whose account waits for activation.
"""

from html import escape
from pathlib import Path

from libs.common.context import Context, Language, entered
from libs.common.db import WriteSession
from libs.common.events import Event, event
from libs.common.i18n import Catalogue, say, speaking
from libs.common.ids import new_id
from libs.common.mail import MailRequested, send_mail
from libs.common.messaging import consumes, enqueue
from services.auth import otp
from services.auth.models import Person
from services.auth.queries import account_of

_CATALOGUE = Catalogue(Path(__file__).parent / "messages")


@event("code.requested", subject="address")
class CodeRequested(Event):
    """Somebody wants an activation code. Private to this service: it never meets a broker."""

    address: str
    """E-mail or phone."""
    language: Language


@consumes(CodeRequested)
async def mail_code(session: WriteSession, request: CodeRequested) -> None:
    """Mail a new code, where there is an account that waits for one and it is a minute since."""
    account = await account_of(session, request.address)
    if account is None or account.is_active:
        return
    code = await otp.issue(session, account.id, otp.Purpose.ACTIVATION)
    if code is not None:
        person = await session.get_one(Person, account.id)
        with entered(Context("", "", request.language)), speaking(_CATALOGUE):
            mail = activation_mail(account.email, person.name, code)
        enqueue(session, send_mail, mail)


def activation_mail(to: str, name: str, code: str) -> MailRequested:
    """Return the mail with the code that activates an account."""
    minutes = otp.LIFE.seconds // 60
    return MailRequested(
        mail_id=new_id(),
        to=to,
        subject_line=say("mail.activation_subject"),
        text=say("mail.activation_text", name=name, code=code, minutes=minutes),
        html=say("mail.activation_html", name=escape(name), code=code, minutes=minutes),
    )
