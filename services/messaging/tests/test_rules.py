"""The table of notifications: whom each event tells, and what makes two facts one."""

from uuid import UUID

import pytest

from libs.common.events import REGISTRY
from libs.common.ids import new_id
from services.messaging.errors import CannotMessageSelf
from services.messaging.rules import NOTICES, Notice, check_receiver, notice_of
from services.messaging.tests.samples import moved, submitted


@pytest.mark.parametrize(("name", "notice"), NOTICES.items(), ids=list(NOTICES))
def test_the_table_names_fields_that_the_events_have(name: str, notice: Notice) -> None:
    fields = set(REGISTRY[name, 1].model_fields)
    assert {notice.receiver, notice.actor, *notice.params, *notice.origin} <= fields


def test_an_application_tells_the_employer() -> None:
    event = submitted(job_title="Java Fresher")
    assert notice_of(event.event_name, event.model_dump()) == {
        "user_id": event.employer_id,
        "type": "NewApply",
        "actor_id": event.candidate_id,
        "params": {"job_title": "Java Fresher"},
        "origin": f"application.submitted {event.application_id}",
    }


def test_a_move_tells_the_candidate() -> None:
    event = moved("Accepted")
    notice = notice_of(event.event_name, event.model_dump())
    assert (notice["user_id"], notice["type"]) == (event.candidate_id, "ApplyStatus")
    assert notice["params"]["to_status"] == "Accepted"


def test_two_moves_of_one_application_are_two_facts() -> None:
    first = moved("Shortlisted")
    second = moved("Shortlisted", application_id=first.application_id)
    one, two = (notice_of(e.event_name, e.model_dump())["origin"] for e in (first, second))
    assert one != two


def test_nobody_writes_to_himself() -> None:
    me = new_id()
    check_receiver(me, new_id())
    with pytest.raises(CannotMessageSelf):
        check_receiver(me, UUID(str(me)))
