"""The AsyncAPI document says who publishes what, and who listens."""

from libs.common.asyncapi import asyncapi_document, published_events


def test_the_document_is_read_from_the_code() -> None:
    document = asyncapi_document({"messaging": ["application.submitted", "unknown"]})
    assert document["asyncapi"] == "3.0.0"
    assert len(document["channels"]) == len(published_events())
    heard = document["operations"]["messaging_hears_application_submitted_v1"]
    assert heard["action"] == "receive"
    assert heard["channel"] == {"$ref": "#/channels/application.submitted.v1"}
    said = document["operations"]["publish_application_submitted_v1"]
    assert said["tags"] == [{"name": "applications"}]


def test_what_each_may_say_is_said_by_each() -> None:
    document = asyncapi_document({"jobs": [], "messaging": ["personal_data.erased"]})
    said = {
        key for key in document["operations"] if key.endswith("_publishes_personal_data_erased_v1")
    }
    assert said == {f"{name}_publishes_personal_data_erased_v1" for name in ("jobs", "messaging")}
    message = document["components"]["messages"]["waymark.personal_data.erased.v1"]
    assert message["payload"]["properties"]["source"]["pattern"] == "^/services/[a-z]+$"


def test_private_jobs_are_no_part_of_the_language() -> None:
    assert "mail.requested" not in {event.event_name for event in published_events()}
