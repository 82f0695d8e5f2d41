"""The AsyncAPI document: what is published, by whom, and who listens; read from the code."""

from collections.abc import Collection, Mapping
from typing import Any

import libs.common.contracts  # noqa: F401 - declares every event
from libs.common import events

_EXCHANGE = {"name": "waymark", "type": "topic", "durable": True}


def published_events() -> list[type[events.Event]]:
    """Return every event of the published language, by name and version."""
    ours = filter(events.is_published, events.REGISTRY.values())
    return sorted(ours, key=lambda e: (e.event_name, e.event_version))


def asyncapi_document(subscriptions: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Build the AsyncAPI 3.0 document.

    Args:
        subscriptions: names of the events that each service consumes; each service is there.
    """
    published = published_events()
    operations: dict[str, Any] = {}
    for e in published:
        speakers = [e.event_source] if e.event_source else sorted(subscriptions)
        for service in speakers:
            said = "publish" if e.event_source else f"{service}_publishes"
            operations[_key(said, e)] = _operation("send", e, service)
    for service, names in sorted(subscriptions.items()):
        heard = [e for e in published if e.event_name in names]
        for e in heard:
            operations[_key(f"{service}_hears", e)] = _operation("receive", e, service)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Waymark events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in structured JSON, at least once, in no given order.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_channel(e): _channel_object(e) for e in published},
        "operations": operations,
        "components": {"messages": {e.event_type(): _message(e) for e in published}},
    }


def _channel(event: type[events.Event]) -> str:
    return f"{event.event_name}.v{event.event_version}"


def _key(prefix: str, event: type[events.Event]) -> str:
    return f"{prefix}_{_channel(event)}".replace(".", "_")


def _channel_object(event: type[events.Event]) -> dict[str, Any]:
    return {
        "address": event.event_name,
        "description": (event.__doc__ or "").strip(),
        "messages": {event.event_type(): {"$ref": f"#/components/messages/{event.event_type()}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": _EXCHANGE}},
    }


def _operation(action: str, event: type[events.Event], service: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{_channel(event)}"},
        "tags": [{"name": service}],
    }


def _message(event: type[events.Event]) -> dict[str, Any]:
    return {
        "name": event.event_type(),
        "title": event.__name__,
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "format": "uuid"},
                "source": _source(event),
                "type": {"const": event.event_type()},
                "subject": {"type": "string", "description": f"The {event.event_subject}."},
                "time": {"type": "string", "format": "date-time"},
                "datacontenttype": {"const": "application/json"},
                "dataschema": {"const": f"/schemas/{_channel(event)}.json"},
                "traceparent": {"type": "string"},
                "correlationid": {"type": "string"},
                "data": event.model_json_schema(),
            },
        },
    }


def _source(event: type[events.Event]) -> dict[str, Any]:
    if event.event_source is None:
        return {"type": "string", "pattern": "^/services/[a-z]+$"}
    return {"const": f"/services/{event.event_source}"}
