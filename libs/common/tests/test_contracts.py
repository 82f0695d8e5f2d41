"""The published language does not change under those who listen."""

from libs.common.asyncapi import published_events
from libs.common.contracts.freeze import SCHEMAS, schema_file, schema_of


def test_every_event_equals_its_frozen_schema() -> None:
    """A changed event needs a new version: consumers of the old one are still out there."""
    for event in published_events():
        frozen = schema_file(event)
        assert frozen.exists(), f"freeze {event.__name__}: python -m libs.common.contracts.freeze"
        assert frozen.read_bytes() == schema_of(event), f"{event.__name__} changed: version it"


def test_no_frozen_schema_is_without_its_event() -> None:
    """An event that was said once is not unsaid while somebody may still hold it."""
    known = {schema_file(event) for event in published_events()}
    assert set(SCHEMAS.glob("*.json")) == known
    assert len(known) >= 12
