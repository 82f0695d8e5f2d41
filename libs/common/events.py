"""Domain events: typed, frozen facts, and the CloudEvents envelope in which they travel.

A service declares what it says in `libs/common/contracts/`; who listens is the listener's affair.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from libs.common import clock, context, ids, tracing

REGISTRY: dict[tuple[str, int], type["Event"]] = {}
"""Every event class by name and version; filled as contracts are imported."""


class Event(BaseModel):
    """A fact that a service publishes; declared by the decorator `event`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_name: ClassVar[str]
    """Dotted name, such as `job.posted`: the routing key."""
    event_version: ClassVar[int]
    event_source: ClassVar[str | None]
    """The service that publishes it; None for what each of them says."""
    event_subject: ClassVar[str]
    """The field that identifies the thing the fact is about."""
    event_person: ClassVar[str | None]
    """The field with the id, or ids, of whom it tells more than an id: forgotten with him."""

    @classmethod
    def event_type(cls) -> str:
        """Return the CloudEvents `type`, such as `waymark.job.posted.v1`."""
        return f"waymark.{cls.event_name}.v{cls.event_version}"

    def said_by(self) -> str:
        """Return the service that says it: of what each may say, the one in its field `service`."""
        return self.event_source or str(getattr(self, _SPEAKER))


E = TypeVar("E", bound=Event)


_SPEAKER = "service"


def event(
    name: str, *, subject: str, version: int = 1, person: str | None = None, shared: bool = False
) -> Callable[[type[E]], type[E]]:
    """Declare an event class; its source is the service whose contract file it stands in.

    A `shared` one is said by every service, and names in its field `service` which it was.
    """

    def declare(cls: type[E]) -> type[E]:
        cls.event_name, cls.event_version, cls.event_subject = name, version, subject
        cls.event_source = None if shared else cls.__module__.rpartition(".")[2]
        cls.event_person = person
        if (name, version) in REGISTRY:
            raise TypeError(f"the event {name} version {version} is declared twice")
        named = {subject, person or subject, _SPEAKER if shared else subject}
        if missing := named - cls.model_fields.keys():
            raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(missing))}")
        REGISTRY[name, version] = cls
        return cls

    return declare


def is_published(event_class: type[Event]) -> bool:
    """Tell whether a class is part of the published language, and no service's private job."""
    return event_class.__module__.startswith("libs.common.contracts.")


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: what outboxes, transports and inboxes handle without looking inside."""

    id: UUID
    name: str
    body: bytes
    """CloudEvents 1.0, structured JSON mode, UTF-8."""

    @classmethod
    def of(cls, event: Event) -> Self:
        """Wrap an event that happens now, under the trace of the request in hand."""
        message_id = ids.new_id()
        about = {"messaging.message.id": str(message_id)}
        trace = tracing.published(event.said_by(), event.event_name, about)
        envelope = {
            "specversion": "1.0",
            "id": str(message_id),
            "source": f"/services/{event.said_by()}",
            "type": event.event_type(),
            "subject": str(getattr(event, event.event_subject)),
            "time": clock.now().isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": f"/schemas/{event.event_name}.v{event.event_version}.json",
            "data": event.model_dump(mode="json"),
        }
        if trace:
            envelope |= {"traceparent": trace.traceparent, "correlationid": trace.request_id}
        return cls(message_id, event.event_name, orjson.dumps(envelope))


def open_message(body: bytes | str) -> tuple[Event, context.Context | None]:
    """Read a message body back into its event and the context it was published under.

    Raises:
        ValueError: the body is no CloudEvent of ours, or its data does not fit its class.
    """
    envelope = orjson.loads(body)
    name, _, version = str(envelope["type"]).removeprefix("waymark.").rpartition(".v")
    event_class = REGISTRY.get((name, int(version)))
    if event_class is None:
        raise ValueError(f"unknown event type {envelope['type']!r}")
    return event_class.model_validate(envelope["data"]), _origin(envelope)


def origin_of(body: bytes | str) -> context.Context | None:
    """Return the context that a message was published under, whatever else is wrong with it."""
    try:
        return _origin(orjson.loads(body))
    except (ValueError, AttributeError):
        return None


def _origin(envelope: dict[str, Any]) -> context.Context | None:
    traceparent = envelope.get("traceparent")
    if traceparent is None:
        return None
    return context.Context(str(envelope.get("correlationid", "")), str(traceparent))
