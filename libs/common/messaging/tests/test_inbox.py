"""The inbox, over the local transport: back-off, deadlines, outside lane, blame, purging."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from libs.common.events import Message
from libs.common.messaging import (
    InboxWorker,
    LocalTransport,
    Relay,
    Transport,
    TransportUnavailable,
    consumes,
    enqueue,
    publish,
)
from libs.common.messaging.purging import purge
from libs.common.messaging.tests.conftest import Happened, Rig, effect
from libs.common.sessions import WriteSession


@pytest.fixture
def transport() -> Transport:
    return LocalTransport()


@consumes(Happened)
async def note(session: WriteSession, event: Happened) -> None:
    await effect(session, event.number)


async def test_back_off_grows_and_is_waited_for(rig: Rig) -> None:
    @consumes(Happened)
    async def refuse(_: WriteSession, event: Happened) -> None:
        raise RuntimeError(f"no {event.number}")

    worker = rig.worker(refuse, first_retry=100.0, factor=3.0)
    await worker.accept([Message.of(Happened(number=7))])
    for attempt, (least, most) in enumerate([(74, 125), (224, 375), (674, 1125)], start=1):
        assert await worker.step() == 1
        assert await worker.step() == 0
        [(attempts, error, wait)] = await rig.rows(
            "SELECT attempts, error, extract(epoch FROM due_at - now()) FROM inbox"
        )
        assert (attempts, error) == (attempt, "RuntimeError: no 7")
        assert least <= wait <= most
        await worker.hasten()


async def test_a_worker_that_is_stopped_half_way_leaves_all_to_the_next(rig: Rig) -> None:
    reached = asyncio.Event()

    @consumes(Happened)
    async def stuck(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        reached.set()
        await asyncio.Event().wait()

    worker = InboxWorker(rig.beta, [stuck])
    await worker.accept([Message.of(Happened(number=1))])
    task = asyncio.create_task(worker.run())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await rig.effects() == {}

    @consumes(Happened)
    async def renamed(session: WriteSession, event: Happened) -> None:
        raise AssertionError("no row of mine")

    assert await InboxWorker(rig.beta, [renamed]).step() == 0
    assert await rig.rows("SELECT state, attempts FROM inbox") == [("waiting", 0)]


async def test_a_failed_handler_publishes_nothing_and_a_good_one_does(rig: Rig) -> None:
    @consumes(Happened)
    async def answer(session: WriteSession, event: Happened) -> None:
        publish(session, Happened(number=event.number + 10))
        if event.number == 2:
            raise RuntimeError

    worker = rig.worker(answer)
    await worker.accept([Message.of(Happened(number=n)) for n in (1, 2, 3)])
    await worker.step()
    bodies = await rig.rows("SELECT body::json -> 'data' ->> 'number' FROM outbox ORDER BY seq")
    assert bodies == [("11",), ("13",)]


async def test_effects_outside_neither_stall_nor_are_repeated_by_the_others(rig: Rig) -> None:
    mailed: list[int] = []

    @consumes(Happened, outside=True)
    async def mail(session: WriteSession, event: Happened) -> None:
        await effect(session, -event.number)
        mailed.append(event.number)
        if event.number == 2:
            raise TimeoutError("no mail server")

    @consumes(Happened)
    async def faulty(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        if event.number == 3:
            raise RuntimeError

    worker = rig.worker(mail, faulty)
    await worker.accept([Message.of(Happened(number=n)) for n in (1, 2, 3)])
    while await worker.step():
        pass
    assert sorted(mailed) == [1, 2, 3]
    assert await rig.effects() == {-1: 1, -3: 1, 1: 1, 2: 1}
    waiting = await rig.rows("SELECT handler, error FROM inbox WHERE state = 'waiting' ORDER BY 1")
    assert waiting == [("faulty", "RuntimeError: "), ("mail", "TimeoutError: no mail server")]


async def test_a_handler_that_hangs_is_cut_off_and_counted(rig: Rig) -> None:
    @consumes(Happened)
    async def hang(_: WriteSession, event: Happened) -> None:
        await asyncio.Event().wait()

    worker = rig.worker(hang, deadline=0.05)
    await worker.accept([Message.of(Happened(number=1))])
    assert await worker.step() == 1
    assert await rig.rows("SELECT attempts, error FROM inbox") == [(1, "TimeoutError: ")]


@pytest.mark.parametrize("failing", [False, True])
async def test_the_same_message_to_two_workers_at_once_has_one_effect(
    rig: Rig, failing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the first to commit, or to roll back: then it is its turn."""
    monkeypatch.setattr("libs.common.messaging.inbox.AT_ONCE_WITHIN", 10.0)
    reached, release = asyncio.Event(), asyncio.Event()

    @consumes(Happened)
    async def hold(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        if not reached.is_set():
            reached.set()
            await release.wait()
            if failing:
                raise RuntimeError

    async def blocked() -> bool:
        return bool(rig.server.do("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))

    first, second = rig.worker(hold), rig.worker(hold)
    await rig.step()
    message = Message.of(Happened(number=1))
    accepting = [asyncio.create_task(first.accept([message]))]
    await reached.wait()
    accepting.append(asyncio.create_task(second.accept([message])))
    await rig.until(blocked, step=False)
    release.set()
    await asyncio.gather(*accepting)
    await rig.until_done(1)
    assert await rig.rows("SELECT state FROM inbox") == [("done",)]


async def test_what_takes_long_is_left_to_the_worker_and_the_next_are_not_kept_waiting(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.messaging.inbox.AT_ONCE_WITHIN", 0.05)
    release = asyncio.Event()

    @consumes(Happened)
    async def slow(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        if event.number == 1:
            await release.wait()

    worker = rig.worker(slow)
    await worker.step()
    async with asyncio.timeout(5):
        for number in range(1, 4):
            await worker.accept([Message.of(Happened(number=number))])
    assert await rig.rows("SELECT state, attempts FROM inbox") == [("waiting", 0)] * 3
    assert await rig.effects() == {}
    release.set()
    await rig.until_done(1, 2, 3)
    await worker.accept([Message.of(Happened(number=4))])
    assert await rig.effects() == {1: 1, 2: 1, 3: 1, 4: 1}


async def test_what_fails_at_once_takes_nothing_with_it(rig: Rig) -> None:
    """Neither another handler's effect is lost, nor one doubled; a lane of its own has its row."""
    mailed: list[int] = []

    @consumes(Happened, outside=True)
    async def mail(session: WriteSession, event: Happened) -> None:
        mailed.append(event.number)

    @consumes(Happened)
    async def faulty(session: WriteSession, event: Happened) -> None:
        publish(session, Happened(number=-event.number))
        if event.number == 2:
            raise RuntimeError

    worker = rig.worker(note, mail, faulty)
    await worker.step()
    await worker.accept([Message.of(Happened(number=1))])
    assert (await rig.effects(), mailed) == ({1: 1}, [])
    await worker.accept([Message.of(Happened(number=n)) for n in (2, 3)])
    assert await rig.effects() == {1: 1}
    while await worker.step():
        pass
    assert await rig.effects() == {1: 1, 2: 1, 3: 1}
    assert sorted(mailed) == [1, 2, 3]
    waiting = await rig.rows("SELECT handler, attempts FROM inbox WHERE state = 'waiting'")
    assert waiting == [("faulty", 1)]
    said = await rig.rows("SELECT body::json -> 'data' ->> 'number' FROM outbox ORDER BY seq")
    assert said == [("-1",), ("-3",)]


async def test_a_failure_at_commit_is_blamed_on_its_own_row(rig: Rig) -> None:
    @consumes(Happened)
    async def commit_late(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        connection = await session.connection()
        await connection.execute(text("INSERT INTO once VALUES (:n)"), {"n": event.number // 10})

    worker = rig.worker(commit_late)
    await worker.accept([Message.of(Happened(number=n)) for n in (1, 10, 11, 20)])
    await worker.step()
    assert len(await rig.effects()) == 3
    [(attempts, error)] = await rig.rows(
        "SELECT attempts, error FROM inbox WHERE state = 'waiting'"
    )
    assert attempts == 1
    assert "once_n_key" in error


async def test_only_what_was_done_long_ago_is_purged(rig: Rig) -> None:
    worker = rig.worker(note)
    await worker.accept([Message.of(Happened(number=n)) for n in range(3)])
    await worker.step()
    async with rig.beta.write() as session:
        enqueue(session, note, Happened(number=9))
    async with rig.beta.write() as session:
        old = (
            "UPDATE inbox SET received_at = now() - interval '8 days', done_at = CASE WHEN state ="
        )
        await session.run(f"{old} 'done' THEN now() - interval '8 days' END")
    assert await purge.run(rig.beta) == 3
    assert await rig.rows("SELECT state FROM inbox") == [("waiting",)]
    assert await purge.run(rig.beta) == 0


async def test_two_consumers_of_one_name_are_refused(rig: Rig) -> None:
    with pytest.raises(TypeError, match="same name"):
        InboxWorker(rig.beta, [note, note])


async def test_the_local_transport_refuses_what_a_subscriber_cannot_take(rig: Rig) -> None:
    await rig.transport.declare("elsewhere", ["test.happened"])
    await rig.listen(rig.worker(note))
    await rig.say(1)
    with pytest.raises(TransportUnavailable, match="elsewhere"):
        await rig.relay.step()
    assert await rig.outbox() == 1
    assert not await rig.transport.ready()


async def test_what_one_worker_has_in_hand_another_passes_over(rig: Rig) -> None:
    reached, release = asyncio.Event(), asyncio.Event()

    @consumes(Happened)
    async def hold(session: WriteSession, event: Happened) -> None:
        await effect(session, event.number)
        if event.number == 1:
            reached.set()
            await release.wait()

    first, second = rig.worker(hold), rig.worker(hold)
    await first.accept([Message.of(Happened(number=1))])
    holding = asyncio.create_task(first.step())
    await reached.wait()
    await first.accept([Message.of(Happened(number=2))])
    async with asyncio.timeout(2):
        assert await second.step() == 1
    assert await rig.effects() == {2: 1}
    release.set()
    assert await holding == 1
    assert await rig.effects() == {1: 1, 2: 1}


async def test_what_one_relay_has_in_hand_another_passes_over(rig: Rig) -> None:
    reached, release = asyncio.Event(), asyncio.Event()

    class Slow(LocalTransport):
        async def publish(self, messages: Sequence[Message]) -> None:
            reached.set()
            await release.wait()

    await rig.say(1)
    holding = asyncio.create_task(Relay(rig.alpha, Slow()).step())
    await reached.wait()
    await rig.say(2, 3)
    async with asyncio.timeout(2):
        assert await rig.relay.step() == 2
    release.set()
    assert await holding == 1
    assert await rig.outbox() == 0


async def test_only_the_relay_commits_without_waiting_for_the_disk(rig: Rig) -> None:
    """What it deletes may come back, and is sent again; what others write may not be lost."""

    class Looking(LocalTransport):
        async def publish(self, messages: Sequence[Message]) -> None:
            found.extend(await rig.rows(setting, rig.alpha))

    found: list[tuple[str]] = []
    setting = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
    await rig.say(1)
    assert await Relay(rig.alpha, Looking()).step() == 1
    async with rig.alpha.write() as first, rig.alpha.write() as second:
        found += [*await first.run(setting), *await second.run(setting)]
    assert len(found) == 3
    assert ("session",) not in found
