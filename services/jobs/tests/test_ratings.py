"""How a job is rated: what has the greater count stays, in any order, however often told."""

from itertools import permutations
from uuid import UUID

import pytest

from libs.common import clock
from libs.common.contracts.applications import FeedbackSubmitted
from libs.common.ids import new_id
from libs.common.testing import Bench
from services.jobs.schemas.jobs import JobDetailOut
from services.jobs.tests.samples import EMPLOYER, detail, posted

RANKS = (5, 4, 4)


def told(job_id: str, ranks: tuple[int, ...]) -> FeedbackSubmitted:
    """Return what is said when the last of these ranks was given."""
    return FeedbackSubmitted(
        feedback_id=new_id(),
        job_id=UUID(job_id),
        employer_id=EMPLOYER.employer_id,
        rank=ranks[-1],
        job_count=len(ranks),
        job_sum=sum(ranks),
        employer_count=len(ranks) + 7,
        employer_sum=sum(ranks) + 7,
        submitted_at=clock.now(),
    )


@pytest.mark.parametrize("order", [*permutations([1, 2, 3])])
async def test_the_greatest_count_stays(bench: Bench, order: tuple[int, ...]) -> None:
    job_id, other = await posted(bench), await posted(bench)
    events = [told(job_id, RANKS[:count]) for count in order]
    for event in (*events, *events):
        await bench.hear(event)
    assert (await detail(bench, job_id))["rating"] == {"average": 4.3, "count": 3}
    assert (await detail(bench, other))["rating"] == {"average": None, "count": 0}


@pytest.mark.parametrize(
    ("ranks", "average"), [((5,), 5.0), ((4, 5), 4.5), ((4, 4, 4, 5), 4.3), ((1, 1, 5), 2.3)]
)
async def test_the_average_has_one_decimal(
    bench: Bench, ranks: tuple[int, ...], average: float
) -> None:
    job_id = await posted(bench)
    await bench.hear(told(job_id, ranks))
    shown = await detail(bench, job_id)
    assert shown["rating"] == {"average": average, "count": len(ranks)}
    assert JobDetailOut.model_validate(shown).rating.average == average


async def test_an_unknown_job_is_nobodys_loss(bench: Bench) -> None:
    await bench.hear(told(str(new_id()), (5,)))
    assert await bench.rows("SELECT DISTINCT state FROM inbox") == [{"state": "done"}]
