"""Mails about notifications: to whom, in which language, and once."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from libs.common.contracts.auth import UserErased, UserRegistered
from libs.common.events import Event, Message
from libs.common.ids import new_id
from libs.common.messaging import InboxWorker, settle
from libs.common.testing import Bench
from services.messaging.tests.samples import a_person, moved, posted, submitted
from services.messaging.tests.test_messages import write

CANDIDATE = a_person(role="Candidate", name="<b>Hoàng</b> & Co", email="hoang@x.example")
EMPLOYER = a_person(email="hr@x.example", language="en")
US: dict[str, Any] = {"candidate_id": CANDIDATE.user_id, "employer_id": EMPLOYER.user_id}


def part(mail: EmailMessage, kind: str) -> str:
    """Return the text or the HTML of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def subjects(bench: Bench) -> list[str]:
    return [mail["Subject"] for mail in bench.mail.sent]


async def test_an_application_is_mailed_to_the_employer_in_his_language(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER, submitted(**US, job_title="Java\nDeveloper"))
    [mail] = bench.mail.sent
    assert (mail["To"], mail["Subject"]) == ("hr@x.example", "New application for Java Developer")
    assert "for Java\nDeveloper from <b>Hoàng</b> & Co." in part(mail, "plain")
    html = part(mail, "html")
    assert '<html lang="en">' in html
    assert "<strong>&lt;b&gt;Hoàng&lt;/b&gt; &amp; Co</strong>" in html
    [notice] = await bench.rows("SELECT CAST(id AS text) AS id FROM notifications")
    assert mail["Message-ID"] == f"<{notice['id']}@waymark>"


async def test_a_move_is_mailed_to_the_candidate_in_his_language(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER, moved("Accepted", **US))
    [mail] = bench.mail.sent
    assert mail["To"] == "hoang@x.example"
    assert mail["Subject"] == "Hồ sơ ứng tuyển Senior {Backend} Developer: Được nhận"
    assert "Tech Solutions đã cập nhật hồ sơ của bạn" in part(mail, "plain")
    assert '<html lang="vi">' in part(mail, "html")


async def test_only_the_first_message_of_each_is_mailed(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER)
    one, two = US.values()
    for sender, receiver in ((one, two), (one, two), (two, one), (two, one), (one, two)):
        assert (await write(bench, sender, receiver, "a secret")).status_code == 201
        await bench.settle()
    assert subjects(bench) == ["New message from <b>Hoàng</b> & Co", "Tin nhắn mới từ HR FPT"]
    assert not any("secret" in part(mail, "plain") for mail in bench.mail.sent)


@pytest.mark.parametrize("event", [submitted(**US), moved(**US)], ids=["submitted", "moved"])
async def test_told_again_and_again_it_is_one_mail(bench: Bench, event: Event) -> None:
    await bench.hear(CANDIDATE, EMPLOYER)
    for _ in range(3):  # each time under new message ids, past the inbox
        await bench.hear(event, event)
    again = Message.of(event)
    for _ in range(2):
        await bench.worker.accept([again, again])
        await bench.settle()
    assert len(bench.mail.sent) == 1
    assert len(await bench.rows("SELECT id FROM notifications")) == 1


async def test_two_workers_at_once_make_one_of_each(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER)
    facts = [submitted(**US) for _ in range(5)]
    workers = [InboxWorker(bench.db, bench.service.listeners) for _ in range(2)]
    for _ in range(4):  # in two orders, so that each worker meets what the other has in hand
        await workers[0].accept([Message.of(event) for event in facts])
        await workers[1].accept([Message.of(event) for event in reversed(facts)])
    for _ in range(10):
        await asyncio.gather(*(worker.step() for worker in workers))
    await settle([], workers, retries_now=True)
    assert len(await bench.rows("SELECT id FROM notifications")) == 5
    assert len(bench.mail.sent) == len({mail["Message-ID"] for mail in bench.mail.sent}) == 5
    assert len(await bench.published()) == 5


@pytest.mark.parametrize("reader", [EMPLOYER.model_copy(update={"is_active": False})])
async def test_nothing_is_mailed_to_the_inactive(bench: Bench, reader: Event) -> None:
    await bench.hear(CANDIDATE, reader, submitted(**US))
    assert bench.mail.sent == []
    assert len(await bench.rows("SELECT id FROM notifications")) == 1
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


@pytest.mark.parametrize("person", [CANDIDATE, EMPLOYER], ids=["actor", "reader"])
async def test_nothing_is_mailed_to_or_about_the_erased(bench: Bench, person: Any) -> None:
    erased = UserErased(user_id=person.user_id, role=person.role, erasure_id=new_id())
    await bench.hear(CANDIDATE, EMPLOYER, erased, submitted(**US))
    assert bench.mail.sent == []
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


@pytest.mark.parametrize("person", [CANDIDATE, EMPLOYER], ids=["actor", "reader"])
async def test_a_mail_that_waits_is_forgotten_with_whoever_it_names(
    bench: Bench, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(mail: EmailMessage, people: Sequence[UUID]) -> None:
        raise OSError("the mail server is away")

    with monkeypatch.context() as away:
        away.setattr(bench.mail, "send", refuse)
        await bench.hear(CANDIDATE, EMPLOYER, submitted(**US))
    waiting = "SELECT name, state FROM inbox WHERE state <> 'done'"
    assert await bench.rows(waiting) == [{"name": "mail.requested", "state": "waiting"}]
    await bench.hear(UserErased(user_id=person.user_id, role=person.role, erasure_id=new_id()))
    assert await bench.rows(waiting) == []
    assert bench.mail.sent == []


@pytest.mark.parametrize(
    "known_first",
    [
        [],
        [CANDIDATE],
        [EMPLOYER],
        [CANDIDATE, UserRegistered(**EMPLOYER.model_dump() | {"is_active": False, "version": 1})],
        [CANDIDATE, EMPLOYER.model_copy(update={"email": None, "version": 1})],
    ],
    ids=["nobody", "the actor", "the reader", "the reader as registered", "no address"],
)
async def test_what_overtook_the_news_of_its_people_is_told_at_once_and_mailed_later(
    bench: Bench, known_first: list[Event]
) -> None:
    await bench.hear(*known_first)
    await bench.hear(submitted(**US))
    assert len(await bench.rows("SELECT id FROM notifications")) == 1
    assert bench.mail.sent == []
    await bench.hear(CANDIDATE, EMPLOYER)
    await settle([], [bench.worker], retries_now=True)
    [mail] = bench.mail.sent
    assert "<b>Hoàng</b> & Co" in part(mail, "plain")
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]


async def test_what_is_not_to_be_mailed_is_not(bench: Bench) -> None:
    await bench.hear(CANDIDATE, EMPLOYER, posted(employer_id=EMPLOYER.user_id))
    assert bench.mail.sent == []
    names = "SELECT count(*) AS jobs FROM inbox WHERE name LIKE 'mail%'"
    assert await bench.rows(names) == [{"jobs": 0}]
