"""Tasks made out of a description, where a source shows too few of its own; flagged, and pure.

My Next Move shows three tasks of each occupation, and seed C wants five. What is made here is never
more than the description says: its sentences, and what stands in their lists of verbs.
"""

import re
from collections.abc import Iterator
from itertools import chain

from services.careers.etl.shape import Task

LEAST = 5
"""Tasks that each occupation is to have."""
_SENTENCE = re.compile(r"(?<=[a-z0-9)])\.\s+(?=[A-Z])")
_VERBS = re.compile(
    r"(?P<verbs>[A-Za-z-]+(?:, [a-z-]+)*,? (?:and|or|and/or) [a-z-]+) (?P<rest>[a-z].*)"
)
_NO_TASK = re.compile(
    r"^(All|Any|Includes?|Excludes?|Must|Work|Activities|Duties) |not listed separately"
)


def completed(tasks: tuple[Task, ...], description: str) -> tuple[Task, ...]:
    """Add derived tasks until there are `LEAST`; fewer where the description says no more.

    Nothing is added to nothing: an occupation without tasks has no data, and says so.
    """
    found = list(tasks)
    known = {task.task_en.casefold().rstrip(".") for task in tasks}
    for text in _statements(description) if tasks else ():
        if len(found) >= LEAST:
            break
        if text.casefold() not in known:
            known.add(text.casefold())
            found.append(Task(f"{text}.", source="derived"))
    return tuple(found)


def _statements(description: str) -> Iterator[str]:
    """Yield what a description says, taken apart as little as possible."""
    sentences = [one.strip().rstrip(".") for one in _SENTENCE.split(description.strip())]
    clauses = [one.split("; ") for one in sentences if not _NO_TASK.search(one)]
    told = [_capital(clause) for clause in chain(*clauses)]
    if len(told) > 1:
        yield from told
    for clause in told:
        yield from _each_verb(clause)


def _each_verb(clause: str) -> Iterator[str]:
    """Yield `Plan X`, `Design X` and `Build X` of `Plan, design, and build X`."""
    found = _VERBS.match(clause)
    if found is None:
        yield clause
        return
    for verb in re.split(r",? (?:and|or|and/or) |, ", found["verbs"]):
        yield _capital(f"{verb} {found['rest']}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
