"""A new job is told to every follower once, some at a time, whatever happens in between."""

import asyncio
from itertools import pairwise
from uuid import UUID

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.contracts.jobs import JobExpired
from libs.common.contracts.messaging import NotificationCreated
from libs.common.events import Message
from libs.common.ids import new_id
from libs.common.messaging import InboxWorker, settle
from libs.common.testing import Bench
from services.messaging.commands.fan_out import PART
from services.messaging.tests.samples import a_person, posted, rated
from services.messaging.tests.test_notifications import listed

EMPLOYER = new_id()
TOLD = "SELECT count(*) AS told, count(DISTINCT user_id) AS people FROM notifications"


async def follow(bench: Bench, followers: int, employer: UUID = EMPLOYER) -> None:
    """Let so many follow; every three at the same instant."""
    statement = (
        "INSERT INTO follows (candidate_id, employer_id, since) SELECT gen_random_uuid(),"
        " :employer, TIMESTAMPTZ '2026-01-01' + n / 3 * INTERVAL '1 s'"
        " FROM generate_series(1, :followers) AS n"
    )
    async with bench.db.write() as session:
        await session.run(statement, employer=employer, followers=followers)


async def told(bench: Bench) -> int:
    """Return how many notifications there are: no two for one person."""
    [counts] = await bench.rows(TOLD)
    assert counts["told"] == counts["people"]
    return int(counts["told"])


async def test_a_follower_reads_of_the_new_job(bench: Bench) -> None:
    await follow(bench, 2)
    await follow(bench, 1, new_id())
    job = posted(employer_id=EMPLOYER)
    await bench.hear(job)
    [one, _] = await bench.rows("SELECT user_id, id FROM notifications ORDER BY id")
    [notice] = await listed(bench, one["user_id"])
    assert (notice["id"], notice["type"]) == (str(one["id"]), "NewJob")
    assert notice["title"] == "Việc làm mới tại Tech Solutions"
    assert notice["content"] == "Tech Solutions vừa đăng tuyển vị trí Senior {Backend} Developer."
    [english] = await listed(bench, one["user_id"], language="en")
    assert english["title"] == "New job at Tech Solutions"
    said = NotificationCreated(notification_id=one["id"], user_id=one["user_id"], type="NewJob")
    assert said in await bench.published()


@pytest.mark.parametrize("followers", [0, 1, PART - 1, PART, PART + 1, 2 * PART])
async def test_all_are_told_once_however_often_it_is_heard(bench: Bench, followers: int) -> None:
    await follow(bench, followers)
    job = posted(employer_id=EMPLOYER)
    await bench.hear(job, job)
    await bench.hear(job)
    assert await told(bench) == followers
    assert len(await bench.published()) == followers


async def test_two_jobs_are_two_pieces_of_news(bench: Bench) -> None:
    await follow(bench, 3)
    await bench.hear(*(posted(employer_id=EMPLOYER) for _ in range(2)))
    assert await bench.rows(TOLD) == [{"told": 6, "people": 3}]


async def test_a_part_that_dies_is_done_again_by_whoever_comes_next(bench: Bench) -> None:
    await follow(bench, 1203)
    await bench.worker.accept([Message.of(posted(employer_id=EMPLOYER))])
    while await told(bench) == 0:
        await bench.worker.step()
    assert await told(bench) == PART
    async with bench.db.write() as hindrance:
        await hindrance.run("LOCK TABLE outbox IN EXCLUSIVE MODE")
        dying = asyncio.create_task(bench.worker.step())
        async with asyncio.timeout(10):
            while not await _somebody_waits(bench):
                await asyncio.sleep(0.01)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await hindrance.rollback()
    assert await told(bench) == PART
    await settle([], [InboxWorker(bench.db, bench.service.listeners)])
    assert await told(bench) == len(await bench.published()) == 1203
    parts = "SELECT state, count(*) AS parts FROM inbox WHERE name = 'fan_out.due' GROUP BY state"
    assert await bench.rows(parts) == [{"state": "done", "parts": 1203 // PART + 1}]


async def _somebody_waits(bench: Bench) -> bool:
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"
    return bool(await bench.rows(waiting))


async def test_two_workers_at_once_tell_everybody_once(bench: Bench) -> None:
    await follow(bench, 1203)
    job = posted(employer_id=EMPLOYER)
    workers = [InboxWorker(bench.db, bench.service.listeners) for _ in range(2)]
    await workers[0].accept([Message.of(job) for _ in range(2)])
    for _ in range(6):
        await asyncio.gather(*(worker.step() for worker in workers))
    await settle([], workers, retries_now=True)
    assert await told(bench) == len(await bench.published()) == 1203


async def test_what_else_is_to_be_told_comes_in_between(bench: Bench) -> None:
    await follow(bench, 3 * PART)
    await bench.worker.accept([Message.of(posted(employer_id=EMPLOYER))])
    await bench.worker.step()
    rating = rated()
    await bench.worker.accept([Message.of(rating)])
    await bench.worker.step()
    assert len(await listed(bench, rating.employer_id)) == 1
    assert await told(bench) < 3 * PART
    await bench.settle()
    assert await told(bench) == 3 * PART + 1


async def test_many_jobs_at_once_make_no_transaction_longer(bench: Bench) -> None:
    await follow(bench, 300)
    await bench.worker.accept([Message.of(posted(employer_id=EMPLOYER)) for _ in range(5)])
    seen = [0]
    while seen[-1] < 5 * 300:
        assert await bench.worker.step() > 0
        [counts] = await bench.rows(TOLD)
        seen.append(counts["told"])
    assert max(after - before for before, after in pairwise(seen)) == PART
    await bench.settle()
    assert await bench.rows(TOLD) == [{"told": 1500, "people": 300}]


async def test_the_erased_are_not_told(bench: Bench) -> None:
    await follow(bench, 3)
    [one, *_] = await bench.rows("SELECT candidate_id FROM follows")
    gone = a_person(user_id=one["candidate_id"], role="Candidate")
    await bench.hear(UserErased(user_id=gone.user_id, role="Candidate", erasure_id=new_id()))
    await bench.hear(posted(employer_id=EMPLOYER))
    assert await told(bench) == 2
    assert await listed(bench, gone.user_id) == []


async def test_the_employer_is_told_each_time_his_job_expires(bench: Bench) -> None:
    first = JobExpired(**posted(employer_id=EMPLOYER, title="Tester").model_dump())
    again = first.model_copy(update={"expires_at": first.expires_at.replace(year=2099)})
    await bench.hear(first, first)
    await bench.hear(again)
    notices = await listed(bench, EMPLOYER, language="en")
    assert [(notice["type"], notice["title"]) for notice in notices] == [
        ("System", "Your job has expired")
    ] * 2
    assert notices[0]["content"] == "The last day of Tester is over: it takes no more applications."
