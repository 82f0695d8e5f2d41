"""The transport: moves messages from outboxes to inboxes, at least once, and knows nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from libs.common.events import Message

Accept = Callable[[Sequence[Message]], Awaitable[None]]
"""Handles messages, or keeps them in a service's inbox; they are safe once it returns."""


class TransportUnavailable(Exception):
    """The messages could not all be handed over: keep them, and try again later."""


class Transport(Protocol):
    """What relays and services need of it; the contract suite says how it must behave."""

    @property
    def wanted(self) -> frozenset[str]:
        """Return the names of the events that somebody is subscribed to, as far as it knows."""

    async def declare(self, service: str, names: Collection[str]) -> None:
        """Subscribe `service` to events by name, durably; from now on they wait for it.

        Remembered where the broker is away, and made good before the first message is sent.
        """

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return when every message is safe with every service subscribed to it.

        Raises:
            TransportUnavailable: some are not. All may be sent again: duplicates are allowed.
        """

    async def consume(
        self, service: str, names: Collection[str], accept: Accept, gather: float = 0.0
    ) -> None:
        """Declare, then deliver to `accept` in the background, acknowledging when it returned.

        What comes within `gather` seconds may be delivered together.
        """

    async def ready(self) -> bool:
        """Return whether messages can be sent and received just now."""

    async def close(self) -> None:
        """Stop delivering and let go of connections."""


class LocalTransport:
    """All services in this process: to publish is to insert into their inboxes."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}
        self._accepts: dict[str, Accept] = {}

    @property
    def wanted(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset[str]().union(*self._names.values())

    async def declare(self, service: str, names: Collection[str]) -> None:
        """See `Transport`."""
        self._names[service] = frozenset(names)

    async def consume(
        self, service: str, names: Collection[str], accept: Accept, gather: float = 0.0
    ) -> None:
        """See `Transport`; here nobody has to wait for others."""
        await self.declare(service, names)
        self._accepts[service] = accept

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Transport`; a service that cannot accept does not keep the others from it."""
        wanted = {
            service: [message for message in messages if message.name in names]
            for service, names in self._names.items()
        }
        results = await asyncio.gather(
            *(self._hand_over(service, some) for service, some in wanted.items() if some),
            return_exceptions=True,
        )
        for error in results:
            if error is not None:
                raise error

    async def _hand_over(self, service: str, messages: Sequence[Message]) -> None:
        accept = self._accepts.get(service)
        if accept is None:
            raise TransportUnavailable(f"{service} is subscribed but does not run here")
        try:
            await accept(messages)
        except Exception as error:
            raise TransportUnavailable(f"{service} cannot accept: {error!r}") from error

    async def ready(self) -> bool:
        """See `Transport`."""
        return self._names.keys() == self._accepts.keys()

    async def close(self) -> None:
        """See `Transport`."""
        self._accepts.clear()
