"""What a service does about an event: a function, declared as a consumer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from libs.common.events import Event
from libs.common.sessions import WriteSession

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function of a service that deals with one kind of event."""

    name: str
    """Kept in inbox rows: renaming it orphans what waits."""
    event: type[Event]
    handle: Callable[[WriteSession, Any], Awaitable[None]]
    outside: bool
    """It has effects outside the database: one by one, in a lane of its own."""


def consumes(
    event: type[E], *, outside: bool = False
) -> Callable[[Callable[[WriteSession, E], Awaitable[None]]], Consumer]:
    """Declare a handler of `event`; `outside` where it mails, or calls somebody over HTTP.

    Its writes are committed with the message's being done; raising is how it asks to be retried.
    """

    def declare(handle: Callable[[WriteSession, E], Awaitable[None]]) -> Consumer:
        return Consumer(handle.__name__, event, handle, outside)

    return declare
