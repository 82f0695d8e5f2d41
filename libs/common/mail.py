"""Mail: a job in the sending service's inbox, delivered by SMTP or as a file.

A command enqueues a `MailRequested` in its transaction, so a mail is sent if and only if the
command took place; a mail server that is away delays it and loses nothing.
"""

import asyncio
import logging
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
from email_validator import validate_email
from pydantic import Field

from libs.common.events import Event, event
from libs.common.ids import made_at
from libs.common.messaging import consumes
from libs.common.sessions import WriteSession

log = logging.getLogger(__name__)


@event("mail.requested", subject="mail_id", person="people")
class MailRequested(Event):
    """A mail to send. Private to the service that enqueues it: it never meets a broker."""

    mail_id: UUID
    people: list[UUID] = Field(min_length=1, max_length=5)
    """To whom it goes, and whoever else is named in it: with them it is forgotten."""
    to: str
    subject_line: str
    text: str
    html: str | None = None


class Mailer(Protocol):
    """Somewhere to hand mail to."""

    async def send(self, mail: EmailMessage, people: Sequence[UUID]) -> None:
        """Deliver `mail`, which tells of `people`, or raise for a later try."""

    async def forget(self, person: UUID) -> None:
        """Delete every mail that tells of `person`, as far as it is in reach."""


def compose(request: MailRequested, sender: str) -> EmailMessage:
    """Build the message: text part, HTML part where there is one, Date and Message-ID that repeat.

    A mail that is sent twice, for want of an answer the first time, bears the same id twice, by
    which mail servers and readers recognise it. Its date is that of the request (RFC 5322 §3.6.1).
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    # Not every server takes names of hosts in other letters (RFC 6531); all take them in ASCII.
    mail["To"] = _in_ascii(request.to)
    mail["Subject"] = request.subject_line
    mail["Date"] = made_at(request.mail_id)
    mail["Message-ID"] = f"<{request.mail_id}@waymark>"
    mail.set_content(request.text)
    if request.html is not None:
        mail.add_alternative(request.html, subtype="html")
    return mail


def _in_ascii(address: str) -> str | None:
    return validate_email(
        address, check_deliverability=False, test_environment=True, allow_smtputf8=False
    ).ascii_email


class NotSent(RuntimeError):
    """The mail server refused; says how. Its words may hold an address, and errors are logged."""


class FolderMailer:
    """Writes each mail to `<folder>/<id>.<person>….eml`; the same mail again is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: EmailMessage, people: Sequence[UUID]) -> None:
        """Write the file, whole or not at all; the log names it, and nobody."""
        mail_id = mail["Message-ID"].strip("<>").partition("@")[0]
        name = ".".join([mail_id, *map(str, people), "eml"])
        await asyncio.to_thread(self._write, name, mail.as_bytes())
        log.info("a mail is in %s", self._folder / name)

    async def forget(self, person: UUID) -> None:
        """Delete the files that bear the person's id, unfinished ones too."""
        await asyncio.to_thread(self._delete, str(person))

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)

    def _delete(self, person: str) -> None:
        for file in self._folder.glob(f"*.{person}.*"):
            file.unlink(missing_ok=True)


class SmtpMailer:
    """Sends by SMTP; `smtp://user:pass@host:port`, `smtps://` for TLS from the first byte."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, mail: EmailMessage, people: Sequence[UUID]) -> None:
        """Hand the mail to the server; raises `NotSent` or `OSError`."""
        try:
            async with self._connection() as server:
                await server.send_message(mail)
        except aiosmtplib.SMTPException as error:
            code = getattr(error, "code", "")
            raise NotSent(f"{type(error).__name__} {code}".strip()) from None

    async def forget(self, person: UUID) -> None:
        """Do nothing: what was sent is out of reach."""

    async def probe(self) -> None:
        """Sign in and out again; raises as `send` does."""
        async with self._connection():
            pass

    def _connection(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            timeout=10,
        )


def open_mailer(smtp_url: str | None, folder: Path) -> Mailer:
    """Return the mailer for the settings: SMTP where a URL is given, else files in `folder`."""
    return SmtpMailer(smtp_url) if smtp_url else FolderMailer(folder)


@consumes(MailRequested, outside=True)
async def send_mail(session: WriteSession, request: MailRequested) -> None:
    """Deliver one requested mail; a failure is tried again later by the inbox."""
    runtime = session.info["runtime"]
    await runtime.mailer.send(compose(request, runtime.settings.mail_from), request.people)
