"""Freezes the published language: `python -m libs.common.contracts.freeze`.

Writes the JSON Schema of each event version that has none yet. A schema that stands is never
overwritten: a changed event needs a new version.
"""

from pathlib import Path

import orjson

from libs.common.asyncapi import published_events
from libs.common.events import Event

SCHEMAS = Path(__file__).parent / "schemas"


def schema_file(event: type[Event]) -> Path:
    """Return where the frozen schema of an event stands."""
    return SCHEMAS / f"{event.event_name}.v{event.event_version}.json"


def schema_of(event: type[Event]) -> bytes:
    """Return the JSON Schema that the event's class has now."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(event.model_json_schema(), option=options)


if __name__ == "__main__":
    SCHEMAS.mkdir(exist_ok=True)
    for published in published_events():
        if not schema_file(published).exists():
            schema_file(published).write_bytes(schema_of(published))
