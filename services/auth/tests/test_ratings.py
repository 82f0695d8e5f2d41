"""How an employer's jobs are rated: what has the greater count stays, in any order."""

from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.common import clock
from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.testing import Bench
from services.auth.rules import average
from services.auth.tests.people import activate_all, call, employer

RANKS = (5, 4, 4)


def told(employer_id: UUID, ranks: tuple[int, ...]) -> FeedbackSubmitted:
    """Return what is said when the last of these ranks was given, to a job that had none."""
    return FeedbackSubmitted(
        feedback_id=uuid4(),
        job_id=uuid4(),
        employer_id=employer_id,
        rank=ranks[-1],
        job_count=1,
        job_sum=ranks[-1],
        employer_count=len(ranks),
        employer_sum=sum(ranks),
        submitted_at=clock.now(),
    )


async def rating(bench: Bench, employer_id: UUID) -> Any:
    return (await call(bench, "GET", f"/employers/{employer_id}")).json()["data"]["rating"]


@pytest.mark.parametrize("order", [*permutations([1, 2, 3])])
async def test_the_greatest_count_stays(bench: Bench, order: tuple[int, ...]) -> None:
    who = await employer(bench)
    await activate_all(bench)
    events = [told(who[1], RANKS[:count]) for count in order]
    for event in (*events, *events, told(uuid4(), (1, 1, 1, 1))):
        await bench.hear(event)
    assert await rating(bench, who[1]) == {"average": 4.3, "count": 3}


@pytest.mark.parametrize(
    ("count", "total", "shown"),
    [(0, 0, None), (1, 5, 5.0), (2, 9, 4.5), (4, 17, 4.3), (3, 7, 2.3), (3, 8, 2.7), (20, 99, 5.0)],
)
def test_the_average_has_one_decimal_and_halves_go_up(
    count: int, total: int, shown: float | None
) -> None:
    assert average(count, total) == shown
