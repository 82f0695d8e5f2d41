"""The table of notifications: whom each event tells, and what makes two facts one."""

from pathlib import Path

import pytest

from libs.common.context import LANGUAGES, Context, entered
from libs.common.events import REGISTRY
from libs.common.i18n import Catalogue
from services.messaging.notices import NOTICES, Notice, event_of, is_mailed, notice_of
from services.messaging.tests.samples import moved, posted, submitted


@pytest.mark.parametrize(("name", "notice"), NOTICES.items(), ids=list(NOTICES))
def test_the_table_names_fields_that_the_events_have(name: str, notice: Notice) -> None:
    fields = set(REGISTRY[name, 1].model_fields)
    named = {notice.receiver, notice.actor, *notice.params, *notice.origin, *notice.about}
    assert named | ({notice.mailed} if isinstance(notice.mailed, str) else set()) <= fields | {None}


def test_no_sentence_begins_with_a_name_that_may_be_nobodys() -> None:
    catalogue = Catalogue(Path(__file__).parents[1] / "messages")
    for lang in LANGUAGES:
        with entered(Context("", "", lang)):
            for name, notice in NOTICES.items():
                nobody = catalogue.say("notifications.somebody")
                words = dict.fromkeys((*notice.params, "status"), "") | {"actor": nobody}
                assert not catalogue.say(f"notifications.{name}.content", **words).startswith(
                    nobody
                )


def test_an_application_tells_the_employer() -> None:
    event = submitted(job_title="Java Fresher")
    notice = notice_of(event.event_name, event.model_dump())
    assert notice == {
        "user_id": event.employer_id,
        "type": "NewApply",
        "actor_id": event.candidate_id,
        "params": {
            "job_title": "Java Fresher",
            "job_id": str(event.job_id),
            "application_id": str(event.application_id),
        },
        "origin": f"application.submitted {event.application_id}",
    }
    assert event_of(notice["origin"]) == event.event_name


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


def test_a_new_job_is_for_no_one_in_particular() -> None:
    event = posted()
    assert notice_of(event.event_name, event.model_dump())["user_id"] is None


def test_what_is_mailed() -> None:
    always = {name for name, notice in NOTICES.items() if notice.mailed is True}
    assert always == {"application.submitted", "application.status_changed"}
    assert [is_mailed("message.sent", {"first": first}) for first in (True, False)] == [True, False]
    assert not is_mailed("job.posted", {})
