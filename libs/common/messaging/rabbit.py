"""Messages over RabbitMQ: one topic exchange, a quorum queue a service, confirms, acknowledgements.

Plain connections and our own reconnecting: a robust one of aio_pika leaves a publish that meets an
outage hanging or lost in between, and here the outbox and the queue keep everything anyhow.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import UUID

import aio_pika
import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection
from pamqp.commands import Basic

from libs.common.events import Message
from libs.common.messaging.loop import forever, pass_on_cancellation
from libs.common.messaging.transport import Accept, TransportUnavailable

log = logging.getLogger(__name__)

EXCHANGE = "waymark"
REJECTED = "waymark.rejected"
"""The queue that keeps what was no message of ours, for an operator to look at."""
PREFETCH, BATCH = 200, 100
CONNECT_WITHIN, PUBLISH_WITHIN, CLOSE_WITHIN = 5.0, 10.0, 2.0  # seconds
ACCEPT_AGAIN_AFTER = 0.5  # seconds
HEARTBEAT = 10  # seconds; a broker that fell silent is noticed after about three


class RabbitTransport:
    """See `Transport`. Every process should declare the subscriptions of all services.

    Only then can a broker that has lost its queues take no message before they are back.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._names: dict[str, frozenset[str]] = {}
        self._opening = asyncio.Lock()
        self._publisher: tuple[AbstractConnection, AbstractChannel] | None = None
        self._consumers: dict[str, asyncio.Task[None]] = {}
        self._consuming: set[str] = set()

    @property
    def wanted(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset[str]().union(*self._names.values())

    async def declare(self, service: str, names: Collection[str]) -> None:
        """See `Transport`."""
        self._names[service] = frozenset(names)
        try:
            with _broker_errors():
                channel = await self._open_publisher()
                async with asyncio.timeout(CONNECT_WITHIN):
                    await _declare(channel, {service: self._names[service]})
        except TransportUnavailable as error:
            await self._drop_publisher()  # the next one declares all that is remembered
            log.warning("%s will be subscribed when the broker is there: %s", service, error)

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Transport`."""
        channel = None
        try:
            with _broker_errors():
                async with asyncio.timeout(PUBLISH_WITHIN):
                    channel = await self._open_publisher()
                    wanted = self.wanted
                    sender: Any = await channel.get_underlay_channel()
                    await _all_or_none(
                        sender.basic_publish(
                            message.body,
                            exchange=EXCHANGE,
                            routing_key=message.name,
                            properties=_properties(message),
                            # returned, hence an error, where its queue has been deleted
                            mandatory=message.name in wanted,
                            wait=False,
                        )
                        for message in messages
                    )
        except TransportUnavailable:
            await self._drop_publisher(channel)
            raise

    async def consume(
        self, service: str, names: Collection[str], accept: Accept, gather: float = 0.0
    ) -> None:
        """See `Transport`."""
        await self.declare(service, names)

        async def life() -> int:
            return await self._consume_until_lost(service, accept, gather)

        self._consumers[service] = asyncio.create_task(
            forever(f"consumer of {service}", life, full=1, woken=asyncio.Event())
        )

    async def ready(self) -> bool:
        """See `Transport`."""
        try:
            with _broker_errors():
                await self._open_publisher()
        except TransportUnavailable:
            return False
        return self._consuming == self._consumers.keys()

    async def close(self) -> None:
        """See `Transport`."""
        tasks = [*self._consumers.values()]
        self._consumers.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._drop_publisher()

    async def _open_publisher(self) -> AbstractChannel:
        async with self._opening:
            if self._publisher and not self._publisher[1].is_closed:
                return self._publisher[1]
            await self._drop_publisher()
            async with asyncio.timeout(CONNECT_WITHIN):
                connection = await self._connect()
                try:
                    channel = await connection.channel(on_return_raises=True)
                    await _declare(channel, self._names)
                except BaseException:
                    await _close(connection)
                    raise
            self._publisher = connection, channel
            return channel

    async def _drop_publisher(self, channel: AbstractChannel | None = None) -> None:
        """Close the publishing connection; given its channel, only while it is still that one."""
        if self._publisher and channel in (None, self._publisher[1]):
            connection, _ = self._publisher
            self._publisher = None
            await _close(connection)

    async def _connect(self) -> AbstractConnection:
        return await aio_pika.connect(self._url, timeout=CONNECT_WITHIN, heartbeat=HEARTBEAT)

    async def _consume_until_lost(self, service: str, accept: Accept, gather: float) -> int:
        with _broker_errors():
            async with self._consuming_channel(service) as channel:
                arrived: asyncio.Queue[Any] = asyncio.Queue()
                reader = await channel.get_underlay_channel()
                channel.close_callbacks.add(lambda *_: arrived.put_nowait(None))
                reader.on_consumer_cancel_callbacks.add(lambda _: arrived.put_nowait(None))
                await reader.basic_consume(_queue(service), arrived.put, timeout=CONNECT_WITHIN)
                self._consuming.add(service)
                while batch := await _collect(arrived, gather):
                    messages = []
                    for delivered in batch:
                        try:
                            messages.append(_read(delivered.body))
                        except ValueError as error:
                            log.error("to %s, what %s was sent: %s", REJECTED, service, error)  # noqa: TRY400
                            await reader.basic_reject(
                                delivered.delivery_tag, requeue=False, wait=False
                            )
                    await _insist(service, accept, messages)
                    await reader.basic_ack(batch[-1].delivery_tag, multiple=True, wait=False)
        log.warning("the consumer of %s lost its broker", service)
        return 0

    @asynccontextmanager
    async def _consuming_channel(self, service: str) -> AsyncIterator[AbstractChannel]:
        connection = await self._connect()
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                channel = await connection.channel(publisher_confirms=False)
                await channel.set_qos(PREFETCH)
                await _declare(channel, {service: self._names[service]})
            yield channel
        finally:
            self._consuming.discard(service)
            await _close(connection)


def _queue(service: str) -> str:
    return f"{EXCHANGE}.{service}"


async def _declare(channel: AbstractChannel, subscriptions: dict[str, frozenset[str]]) -> None:
    """Make the exchange, the queues and their bindings, where they are not there already."""
    await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
    await channel.declare_queue(REJECTED, durable=True)
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": REJECTED,
    }
    for service, names in subscriptions.items():
        queue = await channel.declare_queue(_queue(service), durable=True, arguments=arguments)
        await asyncio.gather(*(queue.bind(EXCHANGE, name) for name in names))


async def _all_or_none(publishing: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Run all to their end; when one fails, none is left behind.

    Of a connection that is lost nobody wakes who still queues for his turn to write: forgotten, it
    was collected as it waited ("asynchronous generator is already running").
    """
    tasks = [asyncio.create_task(one) for one in publishing]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _properties(message: Message) -> Basic.Properties:
    """Not by way of `aio_pika.Message`, which would take three times as long."""
    return Basic.Properties(
        content_type="application/cloudevents+json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(message.id),
        message_type=message.name,
    )


def _read(body: bytes) -> Message:
    """Read id and name out of a CloudEvent. ValueError: it is none of ours."""
    try:
        envelope = orjson.loads(body)
        name, _, _ = envelope["type"].removeprefix("waymark.").rpartition(".v")
        return Message(UUID(envelope["id"]), name, body)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no CloudEvent: {error!r}") from error


async def _collect(arrived: asyncio.Queue[Any], gather: float) -> list[Any]:
    """Return what has arrived, at least one and at most a batch; nothing when the end did."""
    pass_on_cancellation()
    batch = [await arrived.get()]
    await asyncio.sleep(gather)
    while len(batch) < BATCH and not arrived.empty():
        batch.append(arrived.get_nowait())
    return [] if None in batch else batch


async def _insist(service: str, accept: Accept, messages: Sequence[Message]) -> None:
    """Accept, however long the database is away.

    Handing the messages back instead would count as a delivery, and quorum queues limit those.
    """
    while True:
        try:
            return await accept(messages)
        except Exception:
            pass_on_cancellation()
            log.exception("%s cannot accept %d messages; trying again", service, len(messages))
            await asyncio.sleep(ACCEPT_AGAIN_AFTER)


async def _close(connection: AbstractConnection) -> None:
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_WITHIN):
            await connection.close()


@contextmanager
def _broker_errors() -> Iterator[None]:
    """Raise `TransportUnavailable` for whatever the client raises when the broker is in trouble.

    That may be a CancelledError of an inner future, although nobody has cancelled this task.
    """
    try:
        yield
    except (TimeoutError, *aio_pika.exceptions.CONNECTION_EXCEPTIONS) as error:
        raise TransportUnavailable(f"RabbitMQ: {error!r}") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise TransportUnavailable("RabbitMQ: the connection was lost") from error
