"""The declaration of a service that knows nobody, and events that name who they are of."""

from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import MetaData

from libs.common.contracts.auth import UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.db import open_database
from libs.common.events import REGISTRY, Event, Message, event
from libs.common.privacy import erasing, nothing


async def test_who_knows_nobody_listens_all_the_same() -> None:
    declared = nothing("Nothing: a test.")
    consumer = erasing("careers", MetaData(), declared)
    assert (consumer.event, consumer.outside) == (UserErased, True)
    db = open_database("postgresql://nobody@localhost/nothing", "careers")  # is never connected to
    async with db.read() as session:
        assert await declared.copy_for(session, uuid4()) == {}


def test_a_shared_event_names_its_speaker() -> None:
    said = {"erasure_id": uuid4(), "service": "jobs", "erased_at": datetime.now(UTC)}
    body = orjson.loads(Message.of(PersonalDataErased(**said)).body)
    assert body["source"] == "/services/jobs"


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ({"subject": "nothing"}, "nothing"),
        ({"subject": "thing", "person": "nobody"}, "nobody"),
        ({"subject": "thing", "shared": True}, "service"),
    ],
)
def test_an_event_has_the_fields_that_its_declaration_names(
    wrong: dict[str, object], missing: str
) -> None:
    with pytest.raises(TypeError, match=f"has no field {missing}"):

        @event("thing.happened", **wrong)  # type: ignore[arg-type]
        class ThingHappened(Event):
            """A thing happened."""

            thing: str

    assert ("thing.happened", 1) not in REGISTRY
