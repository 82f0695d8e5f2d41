"""The read model of people: the newest wins, in any order, however often told."""

from itertools import permutations

import pytest

from libs.common.contracts.auth import UserRegistered, UserUpdated
from libs.common.events import Event
from libs.common.migrations import differences
from libs.common.testing import Bench
from services.messaging.models import metadata
from services.messaging.tests.samples import a_person

ACTIVATED = a_person()
REGISTERED = UserRegistered(**ACTIVATED.model_dump() | {"is_active": False, "version": 1})
UPDATED = UserUpdated(**ACTIVATED.model_dump() | {"name": "HR", "version": 3})


@pytest.mark.parametrize("told", [*permutations([REGISTERED, ACTIVATED, UPDATED])])
async def test_the_newest_facts_of_a_person_stay(bench: Bench, told: tuple[Event, ...]) -> None:
    for event in (*told, *told):
        await bench.hear(event)
    assert await bench.rows("SELECT * FROM person_snapshots") == [UPDATED.model_dump()]


async def test_migrations_make_what_the_models_say(bench: Bench) -> None:
    assert differences(bench.db.url, "messaging", metadata) == []
