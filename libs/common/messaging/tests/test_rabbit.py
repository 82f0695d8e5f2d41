"""What only a broker can do to us: foreign garbage, a queue that is gone, no answer at all."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import make_url

from libs.common.events import Message
from libs.common.messaging import Transport, TransportUnavailable, consumes
from libs.common.messaging.rabbit import REJECTED, RabbitTransport
from libs.common.messaging.tests.conftest import Happened, Rig, effect
from libs.common.sessions import WriteSession


@pytest.fixture
def transport(rabbit_transport: RabbitTransport) -> Transport:
    return rabbit_transport


@consumes(Happened)
async def note(session: WriteSession, event: Happened) -> None:
    await effect(session, event.number)


async def _channel(rig: Rig) -> Any:
    assert isinstance(rig.transport, RabbitTransport)
    return await rig.transport._open_publisher()


@pytest.mark.parametrize("garbage", [b"\xff\x00", b"[]", b'{"type": "x"}', b'{"id": 1, "type": 2}'])
async def test_garbage_is_set_aside_and_blocks_nothing(
    rig: Rig, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.listen(rig.worker(note))
    channel = await _channel(rig)
    rejected = await channel.declare_queue(REJECTED, durable=True)
    await rejected.purge()
    sender = await channel.get_underlay_channel()
    await rig.say(1)
    await rig.until_done(1)
    await sender.basic_publish(garbage, exchange="waymark", routing_key="test.happened")
    await rig.say(2)
    await rig.until_done(1, 2)

    async def kept() -> bool:
        found = await rejected.get(fail=False, no_ack=True)
        return found is not None and bool(found.body == garbage)

    await rig.until(kept)
    assert [r.levelno for r in caplog.records if REJECTED in r.message] == [logging.ERROR]


async def test_a_well_formed_event_that_does_not_fit_its_class_becomes_a_dead_letter(
    rig: Rig,
) -> None:
    await rig.listen(rig.worker(note, attempts=2))
    good = Message.of(Happened(number=1))
    bad = Message(good.id, good.name, good.body.replace(b'"number":1', b'"number":"one"'))
    await rig.transport.publish([bad])

    async def dead() -> bool:
        return bool(
            await rig.rows("SELECT FROM inbox WHERE state = 'dead' AND error LIKE '%number%'")
        )

    await rig.until(dead)


async def test_a_queue_deleted_under_us_is_made_again_before_anything_is_sent(rig: Rig) -> None:
    await rig.listen(rig.worker(note))
    await rig.say(1)
    await rig.until_done(1)
    channel = await _channel(rig)
    await channel.queue_delete(f"waymark.{rig.listener}")
    await rig.say(*range(2, 50))
    await rig.until_done(*range(1, 50))


async def test_an_exchange_deleted_under_us_is_made_again(rig: Rig) -> None:
    await rig.listen(rig.worker(note))
    channel = await _channel(rig)
    await channel.exchange_delete("waymark")
    await rig.say(1, 2)
    await rig.until_done(1, 2)


async def test_messages_stay_in_the_queue_until_the_database_has_them(
    rig: Rig, rabbitmq_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The process that could not accept them dies; another gets them."""
    worker = rig.worker(note)
    await rig.listen(worker)
    rig.server.shut("beta")
    try:
        await rig.say(*range(10))
        assert await rig.relay.step() == 10
        assert await rig.outbox() == 0

        async def refused() -> bool:
            return "cannot accept" in caplog.text

        await rig.until(refused, step=False)
        await rig.transport.close()
    finally:
        rig.server.reopen("beta")
    other = RabbitTransport(rabbitmq_url)
    await other.consume(rig.listener, worker.names, worker.accept)
    await rig.until_done(*range(10))
    await other.close()


@pytest.mark.parametrize("answers", ["refused", "silent"])
async def test_a_broker_that_does_not_answer_raises_in_time(
    answers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.messaging.rabbit.CONNECT_WITHIN", 0.2)

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if answers == "refused":
        server.close()
    transport = RabbitTransport(f"amqp://guest:guest@127.0.0.1:{port}/")
    await transport.declare("beta", ["test.happened"])
    async with asyncio.timeout(3):
        with pytest.raises(TransportUnavailable):
            await transport.publish([Message.of(Happened(number=1))])
        assert not await transport.ready()
        await transport.close()
    server.close()


async def test_a_frozen_broker_is_given_up_and_found_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, rabbitmq_url: str
) -> None:
    """A network that swallows everything: no confirm ever comes, and nothing is closed either."""
    await rig.listen(rig.worker(note))
    async with _forwarding(rabbitmq_url) as (passing, url):
        frozen = RabbitTransport(url)
        await frozen.declare(rig.listener, ["test.happened"])
        await frozen.publish([Message.of(Happened(number=1))])
        await rig.until_done(1)
        passing.clear()
        second = Message.of(Happened(number=2))
        with monkeypatch.context() as soon:
            soon.setattr("libs.common.messaging.rabbit.PUBLISH_WITHIN", 0.5)
            soon.setattr("libs.common.messaging.rabbit.CLOSE_WITHIN", 0.1)
            with pytest.raises(TransportUnavailable):
                await frozen.publish([second])
        passing.set()
        await frozen.publish([second])
        await frozen.close()
        await rig.until_done(1, 2)


async def test_a_connection_lost_amid_a_batch_leaves_no_publish_behind(
    rig: Rig, rabbitmq_url: str
) -> None:
    """Nobody would wake those that still queue for their turn to write."""
    await rig.listen(rig.worker(note))
    messages = [Message.of(Happened(number=number)) for number in range(100)]
    large = [Message(one.id, one.name, one.body.ljust(500_000)) for one in messages]
    async with _forwarding(rabbitmq_url) as (passing, url):
        lost = RabbitTransport(url)
        await lost.declare(rig.listener, ["test.happened"])
        passing.clear()
        publishing = asyncio.create_task(lost.publish(large))
        await rig.until(_stuck, step=False)
    with pytest.raises(TransportUnavailable):
        await publishing
    assert _publishing() == []
    await lost.close()


def _publishing() -> list[asyncio.Task[Any]]:
    return [one for one in asyncio.all_tasks() if "basic_publish" in repr(one.get_coro())]


async def _stuck() -> bool:
    """Tell whether some have been written, and the others wait for the buffers to be emptied."""
    return len(_publishing()) > 10


@asynccontextmanager
async def _forwarding(url: str) -> AsyncIterator[tuple[asyncio.Event, str]]:
    """Stand between client and broker; bytes pass while the event is set. Gives the new URL.

    With it go the connections.
    """
    broker, passing = make_url(url), asyncio.Event()
    passing.set()
    tasks = set[asyncio.Task[None]]()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65536):
                    await passing.wait()
                    writer.write(data)
        finally:
            writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(broker.host, broker.port)
        tasks.add(asyncio.create_task(pipe(reader, there[1])))
        tasks.add(asyncio.create_task(pipe(there[0], writer)))

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        url = broker.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        yield passing, url
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
