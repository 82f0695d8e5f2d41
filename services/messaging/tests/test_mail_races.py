"""Mails that are put into words while somebody whom they name is being erased."""

import asyncio
from typing import Any

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.events import Message
from libs.common.ids import new_id
from libs.common.mail import FolderMailer
from libs.common.messaging import InboxWorker
from libs.common.sessions import WriteSession
from libs.common.testing import Bench
from services.messaging.commands.mails import MailDue, mail_notification
from services.messaging.personal_data import erase
from services.messaging.tests.samples import a_person, submitted

CANDIDATE = a_person(role="Candidate", name="Nguyễn Văn Hoàng", email="hoang@x.example")
EMPLOYER = a_person(email="hr@x.example")
EITHER = pytest.mark.parametrize("person", [CANDIDATE, EMPLOYER], ids=["actor", "reader"])
_WAITING = "SELECT name FROM inbox WHERE state <> 'done'"
ROUNDS = 40


def erased(person: Any) -> UserErased:
    return UserErased(user_id=person.user_id, role=person.role, erasure_id=new_id())


async def to_be_mailed(bench: Bench) -> MailDue:
    """Notify the employer of an application; return the job of mailing that, which nobody does."""
    await bench.hear(CANDIDATE, EMPLOYER)
    people = {"candidate_id": CANDIDATE.user_id, "employer_id": EMPLOYER.user_id}
    await bench.worker.accept([Message.of(submitted(**people))])
    async with bench.db.write() as session:
        await session.run("DELETE FROM inbox")
    [row] = await bench.rows("SELECT id FROM notifications")
    return MailDue(notification_id=row["id"])


async def waits_for(bench: Bench, task: asyncio.Task[Any]) -> None:
    """Wait until somebody waits for a lock; fail if `task` ends without."""
    async with asyncio.timeout(10):
        while not await bench.rows("SELECT pid FROM pg_locks WHERE NOT granted"):
            assert not task.done()
            await asyncio.sleep(0.01)


@EITHER
async def test_an_erasure_forgets_a_mail_that_was_being_put_into_words(
    bench: Bench, person: Any
) -> None:
    due = await to_be_mailed(bench)
    async with bench.db.write() as session:
        await mail_notification.handle(session, due)
        erasing = asyncio.create_task(bench.hear(erased(person)))
        await waits_for(bench, erasing)
    await erasing
    assert await bench.rows(_WAITING) == []
    assert bench.mail.sent == []


@EITHER
async def test_who_is_being_erased_is_named_in_no_mail(bench: Bench, person: Any) -> None:
    due = await to_be_mailed(bench)

    async def put_into_words(session: WriteSession) -> None:
        await mail_notification.handle(session, due)

    async with bench.db.write() as session:
        async with bench.db.write() as erasing:
            await erase(erasing, person.user_id)
            mailing = asyncio.create_task(put_into_words(session))
            await waits_for(bench, mailing)
        await mailing
    assert await bench.rows(_WAITING) == []


async def test_however_they_race_no_mail_names_the_erased(bench: Bench) -> None:
    folder = bench.runtime.settings.data_dir / "mail"
    object.__setattr__(bench.runtime, "mailer", FolderMailer(folder))
    workers = [InboxWorker(bench.db, bench.service.listeners) for _ in range(2)]
    for number in range(ROUNDS):
        person = a_person(role="Candidate", name="Nguyễn Văn Hoàng", email="hoang@x.example")
        await bench.hear(person, EMPLOYER)
        told = {"candidate_id": person.user_id, "employer_id": EMPLOYER.user_id}
        applied = [Message.of(submitted(**told)) for _ in range(3)]
        await workers[0].accept(applied)
        async with asyncio.TaskGroup() as racing:
            racing.create_task(_work(workers[0]))
            racing.create_task(_later(number, workers[1], Message.of(erased(person))))
        await bench.settle()
        assert await bench.rows(_WAITING) == []
        named = [file.name for file in folder.glob("*") if str(person.user_id) in file.name]
        assert named == [], f"round {number}"
    assert len(await bench.rows("SELECT id FROM notifications")) == 3 * ROUNDS


async def _work(worker: InboxWorker) -> None:
    while await worker.step():
        pass


async def _later(number: int, worker: InboxWorker, erasure: Message) -> None:
    """Begin at another moment each round."""
    for _ in range(number % 20):
        await asyncio.sleep(0)
    await worker.accept([erasure])
    await _work(worker)
