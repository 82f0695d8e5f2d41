"""Applying for a job against closing or withholding it, through the two real services."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.services import SERVICES
from libs.common.contracts.auth import CompanyUpdated, EmployerUpdated
from libs.common.contracts.jobs import JobFacts
from libs.common.identity import Role
from libs.common.ids import new_id
from libs.common.testing import Bench, BenchOf, signed_in

OWNER, COMPANY = new_id(), new_id()
MANY, AT_ONCE = 200, 40
JOB = {
    "jobInfo": {"title": "Keeper of keys", "expireDate": "2099-12-31"},
    "jdInfo": {"location": "Hà Nội", "description": "Keeps keys."},
    "skillIds": [1],
    "categoryIds": [1],
}
Step = Callable[[], Awaitable[Any]]


@dataclass
class Pair:
    """Jobs and applications, each the other's peer; no event passes unless it is carried."""

    jobs: Bench
    applications: Bench
    before: dict[str, Step]
    """What happens once before the next call of that service by the other."""
    after: dict[str, Step]
    """What happens once after it."""

    async def post(self) -> str:
        """Post a job; return its id."""
        path, owner = "/api/v1/jobs/post", signed_in(Role.EMPLOYER, OWNER)
        answer = await self.jobs.client.post(path, json=JOB, headers=owner)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["jobId"])

    async def apply(self, job_id: str) -> httpx.Response:
        """Apply as somebody new."""
        return await self.applications.client.post(
            f"/api/v1/jobs/{job_id}/apply",
            json={"cvUrl": "https://x.example/cv.pdf"},
            headers=signed_in(Role.CANDIDATE),
        )

    async def close(self, job_id: str) -> httpx.Response:
        """Close a job."""
        path, owner = f"/api/v1/jobs/delete/{job_id}", signed_in(Role.EMPLOYER, OWNER)
        return await self.jobs.client.delete(path, headers=owner)

    async def state(self, job_id: str) -> tuple[str, int]:
        """Return where the job stands, and how many applications there are."""
        values = {"id": UUID(job_id)}
        [job] = await self.jobs.rows("SELECT status FROM jobs WHERE id = :id", **values)
        count = "SELECT count(*) AS n FROM applications WHERE job_id = :id"
        [applied] = await self.applications.rows(count, **values)
        return job["status"], applied["n"]

    async def carry(self) -> None:
        """Bring the events of the jobs service to the other one."""
        await self.applications.hear(*await self.jobs.published())


@pytest.fixture
async def pair(bench_of: BenchOf) -> Pair:
    """The two, and an employer who may post."""
    made: dict[str, Bench] = {}
    steps: dict[str, dict[str, Step]] = {"before": {}, "after": {}}

    def reach(name: str) -> Any:
        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if step := steps["before"].pop(name, None):
                await step()
            await made[name].app(scope, receive, send)
            if step := steps["after"].pop(name, None):
                await step()

        return app

    for name, other in (("jobs", "applications"), ("applications", "jobs")):
        made[name] = await bench_of(SERVICES[name], peers={other: reach(other)})
    named = {"name": "X", "version": 1}
    await made["jobs"].hear(
        CompanyUpdated(
            company_id=COMPANY, industry=None, address=None, logo_url=None, complete=True, **named
        ),
        EmployerUpdated(employer_id=OWNER, company_id=COMPANY, **named),
    )
    return Pair(made["jobs"], made["applications"], steps["before"], steps["after"])


async def test_who_applied_first_keeps_it_open(pair: Pair) -> None:
    job_id = await pair.post()
    assert (await pair.apply(job_id)).status_code == 201
    answer = await pair.close(job_id)
    error = {"code": "JOB_HAS_PENDING_APPLIES", "details": {"pending": 1}}
    assert (answer.status_code, answer.json()["error"]) == (409, error)
    assert await pair.state(job_id) == ("Active", 1)


async def test_the_job_of_a_deactivated_employer_is_there_for_nobody(pair: Pair) -> None:
    heard, unheard = await pair.post(), await pair.post()
    assert (await pair.apply(heard)).status_code == 201
    out = EmployerUpdated(
        employer_id=OWNER, company_id=COMPANY, name="X", deactivated=True, version=2
    )
    await pair.jobs.hear(out)
    said = [event for event in await pair.jobs.published() if isinstance(event, JobFacts)]
    await pair.applications.hear(*(event for event in said if str(event.job_id) == heard))
    answers = [await pair.apply(job_id) for job_id in (heard, unheard)]
    assert [answer.status_code for answer in answers] == [404, 404]
    await pair.jobs.hear(out.model_copy(update={"deactivated": False, "version": 3}))
    await pair.carry()
    assert [(await pair.apply(job_id)).status_code for job_id in (heard, unheard)] == [201, 201]


async def test_who_comes_after_the_seal_is_refused_before_and_after_the_word_of_it(
    pair: Pair,
) -> None:
    job_id = await pair.post()
    answers: list[httpx.Response] = []

    async def meanwhile() -> None:
        assert (await pair.state(job_id))[0] == "Active"
        answers.append(await pair.apply(job_id))

    pair.after["applications"] = meanwhile
    assert (await pair.close(job_id)).status_code == 200
    answers.append(await pair.apply(job_id))
    await pair.carry()
    answers.append(await pair.apply(job_id))
    assert [answer.json()["error"]["code"] for answer in answers] == ["JOB_CLOSED"] * 3
    assert await pair.state(job_id) == ("Closed", 0)


async def test_who_comes_just_before_the_seal_keeps_it_open(pair: Pair) -> None:
    job_id = await pair.post()

    async def meanwhile() -> None:
        assert (await pair.apply(job_id)).status_code == 201

    pair.before["applications"] = meanwhile
    assert (await pair.close(job_id)).status_code == 409
    assert await pair.state(job_id) == ("Active", 1)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("lead", [0, 5, 10, 20, 40, 80])
async def test_two_hundred_against_one(pair: Pair, lead: int, *, is_known: bool) -> None:
    """Some steps of the event loop decide who wins, but never who slips in.

    They come that many steps after the applications service was asked for its seal.
    """
    job_id = await pair.post()
    if is_known:
        await pair.carry()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> int:
        async with gate:
            return (await pair.apply(job_id)).status_code

    async def crowd() -> Counter[int]:
        for _ in range(lead):
            await asyncio.sleep(0)
        return Counter(await asyncio.gather(*(one() for _ in range(MANY))))

    coming: list[asyncio.Task[Counter[int]]] = []

    async def come() -> None:
        coming.append(asyncio.create_task(crowd()))

    pair.before["applications"] = come
    closed = (await pair.close(job_id)).status_code
    applied = await coming[0]
    del applied[503]  # they found no free connection in time: this machine may be busy
    assert applied.keys() == {409 if closed == 200 else 201}
    assert closed in {200, 409}
    assert await pair.state(job_id) == ("Closed" if closed == 200 else "Active", applied[201])
