"""Mail: over a real SMTP connection, and as files."""

import asyncio
import email
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from libs.common import clock
from libs.common.ids import new_id
from libs.common.mail import (
    FolderMailer,
    MailRequested,
    NotSent,
    SmtpMailer,
    compose,
    open_mailer,
)

REQUEST = MailRequested(
    mail_id=new_id(),
    people=[new_id(), new_id()],
    to="hoang@email.com",
    subject_line="Mã xác thực tài khoản",
    text="Mã OTP của bạn là: 123456",
    html="<p>Mã OTP của bạn là: <strong>123456</strong></p>",
)
SENDER = "Waymark <no-reply@waymark.test>"


@dataclass
class MailServer:
    """An SMTP server on loopback, which keeps what it is sent, or refuses it."""

    port: int = 0
    refuses: bool = False
    received: list[tuple[str | None, list[str], EmailMessage]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuses:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 kept"


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    handler = MailServer()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    handler.port = server.sockets[0].getsockname()[1]
    yield handler
    server.close()


def check(message: EmailMessage) -> None:
    """The message is the one that was requested, both parts whole."""
    assert message["To"] == "hoang@email.com"
    assert message["From"] == SENDER
    assert message["Subject"] == "Mã xác thực tài khoản"
    assert message["Message-ID"] == f"<{REQUEST.mail_id}@waymark>"
    assert clock.now() - message["Date"].datetime < timedelta(hours=1)
    assert message["Date"] == compose(REQUEST, SENDER)["Date"]  # the same, however often it is sent
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == REQUEST.text
    assert html.get_content().strip() == REQUEST.html


async def test_smtp(mail_server: MailServer) -> None:
    mailer = open_mailer(f"smtp://127.0.0.1:{mail_server.port}", Path("unused"))
    assert isinstance(mailer, SmtpMailer)
    await mailer.send(compose(REQUEST, SENDER), REQUEST.people)
    [(sender, receivers, message)] = mail_server.received
    assert (sender, receivers) == ("no-reply@waymark.test", ["hoang@email.com"])
    check(message)


async def test_a_host_in_other_letters_is_in_ascii_for_smtp(mail_server: MailServer) -> None:
    request = REQUEST.model_copy(update={"to": "hoang@bücher.example.vn"})
    mailer = SmtpMailer(f"smtp://127.0.0.1:{mail_server.port}")
    await mailer.send(compose(request, SENDER), request.people)
    [(_, receivers, message)] = mail_server.received
    ascii_only = "hoang@xn--bcher-kva.example.vn"
    assert (receivers, message["To"]) == ([ascii_only], ascii_only)


async def test_smtp_that_refuses_raises_for_a_later_try(mail_server: MailServer) -> None:
    mail_server.refuses = True
    mailer = SmtpMailer(f"smtp://127.0.0.1:{mail_server.port}")
    with pytest.raises(NotSent, match=r"^SMTPDataError 451$"):  # and not the server's own words
        await mailer.send(compose(REQUEST, SENDER), REQUEST.people)
    mail_server.refuses = False
    await mailer.send(compose(REQUEST, SENDER), REQUEST.people)
    assert len(mail_server.received) == 1


async def test_no_smtp_server_raises(mail_server: MailServer, unused_tcp_port: int) -> None:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(NotSent, match=r"^SMTPConnectError$"):
        await mailer.send(compose(REQUEST, SENDER), REQUEST.people)
    assert mail_server.received == []


async def test_a_folder_holds_each_mail_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    mailer = open_mailer(None, tmp_path / "mail")
    assert isinstance(mailer, FolderMailer)
    for _ in range(2):
        await mailer.send(compose(REQUEST, SENDER), REQUEST.people)
    [file] = (tmp_path / "mail").iterdir()
    assert str(file) in caplog.text
    assert REQUEST.to not in caplog.text
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    check(message)


async def test_a_folder_forgets_whoever_is_named(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    other = REQUEST.model_copy(update={"mail_id": new_id(), "people": [new_id()]})
    for person in REQUEST.people:
        for request in (REQUEST, other):
            await mailer.send(compose(request, SENDER), request.people)
        (tmp_path / f".{new_id()}.{person}.eml.part").write_bytes(b"unfinished")
        await mailer.forget(person)
        [kept] = tmp_path.iterdir()
        assert kept.name.startswith(str(other.mail_id))


async def test_a_folder_that_is_not_there_has_nobody_to_forget(tmp_path: Path) -> None:
    await FolderMailer(tmp_path / "mail").forget(new_id())
    assert list(tmp_path.iterdir()) == []
