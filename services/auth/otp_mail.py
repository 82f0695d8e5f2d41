"""The mail that brings a one-time code, in the language of whoever asked for it."""

from html import escape

from libs.common.i18n import say
from libs.common.ids import new_id
from libs.common.mail import MailRequested
from services.auth.otp import LIFE


def activation_mail(to: str, name: str, code: str) -> MailRequested:
    """Return the mail with the code that activates an account."""
    minutes = LIFE.seconds // 60
    return MailRequested(
        mail_id=new_id(),
        to=to,
        subject_line=say("mail.activation_subject"),
        text=say("mail.activation_text", name=name, code=code, minutes=minutes),
        html=say("mail.activation_html", name=escape(name), code=code, minutes=minutes),
    )
