"""Tasks made out of descriptions: flagged, few, and nothing that the description does not say."""

from services.careers.etl.derived import completed
from services.careers.etl.shape import Task

SHOWN = (Task("Prepare budgets."), Task("Confer with others."), Task("Direct activities."))


def texts(description: str, tasks: tuple[Task, ...] = SHOWN) -> list[str]:
    found = completed(tasks, description)
    assert found[: len(tasks)] == tasks
    assert all(task.source == "derived" and task.importance is None for task in found[len(tasks) :])
    return [task.task_en for task in found[len(tasks) :]]


def test_sentences_come_first() -> None:
    assert texts("Determine policies. Plan operations. Lead people.") == [
        "Determine policies.",
        "Plan operations.",
    ]


def test_a_lone_sentence_is_taken_apart_by_its_verbs() -> None:
    assert texts("Research, design, and build devices.") == ["Research devices.", "Design devices."]


def test_what_is_no_task_is_left_out() -> None:
    assert texts("All managers not listed separately.") == []
    assert texts("Buy grain. Includes brokers. Excludes farmers. Must be licensed.") == [
        "Buy grain."
    ]


def test_a_task_that_is_there_is_not_made_again() -> None:
    assert texts("Prepare budgets. Plan operations.") == ["Plan operations."]


def test_enough_is_enough_and_nothing_comes_of_nothing() -> None:
    assert texts("Plan. Lead.", SHOWN + SHOWN[:2]) == []
    assert texts("Fly aircraft. Lead people.", ()) == []
