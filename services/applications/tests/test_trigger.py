"""The database itself refuses, whoever inserts: plain SQL under the service's role."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from libs.common import clock
from libs.common.contracts.jobs import JobPosted
from libs.common.errors import ApiError, NotFound
from libs.common.handlers import as_api_error
from libs.common.ids import new_id
from libs.common.testing import Bench
from services.applications.errors import AlreadyApplied, JobClosed, JobExpired
from services.applications.tests.samples import a_job
from services.applications.tests.test_apply import apply

_INSERT = text(
    """
    INSERT INTO applications.applications
        (id, job_id, candidate_id, cv_url, status, applied_at, updated_at)
    VALUES (:id, :job_id, :candidate_id, 'https://a.vn/cv', :status, :at, :at)
    """
)


async def insert(
    bench: Bench,
    job_id: UUID,
    *,
    candidate_id: UUID | None = None,
    status: str = "Applied",
    at: datetime | None = None,
) -> None:
    values: dict[str, Any] = {"id": new_id(), "job_id": job_id, "status": status}
    values |= {"candidate_id": candidate_id or new_id(), "at": at or clock.now()}
    async with bench.db.write() as session:
        assert await session.run("SELECT current_user") == [("waymark_applications",)]
        await session.execute(_INSERT, values)


async def refused(error: type[ApiError], constraint: str, bench: Bench, **insertion: Any) -> None:
    """Hold an insertion to being refused by the constraint, and that to mean the error."""
    before = await bench.rows("SELECT id FROM applications")
    with pytest.raises(IntegrityError) as raised:
        await insert(bench, **insertion)
    cause = raised.value.orig
    assert isinstance(cause, psycopg.errors.IntegrityError)
    assert (cause.diag.schema_name, cause.diag.table_name) == ("applications", "applications")
    assert cause.diag.constraint_name == constraint
    assert type(as_api_error(raised.value)) is error
    assert await bench.rows("SELECT id FROM applications") == before


async def heard(bench: Bench, **changes: Any) -> JobPosted:
    job = a_job(**changes)
    await bench.hear(job)
    return job


async def test_an_unknown_job(bench: Bench) -> None:
    await refused(NotFound, "job_known", bench, job_id=new_id())


async def test_an_expired_job_by_the_applications_own_date(bench: Bench) -> None:
    job = await heard(bench)
    moment = timedelta(microseconds=1)
    late = {"job_id": job.job_id, "at": job.expires_at}
    await refused(JobExpired, "job_not_expired", bench, **late)
    await insert(bench, job.job_id, at=job.expires_at - moment)
    over = await heard(bench, status="Expired", expires_at=clock.now() - moment)
    await refused(JobExpired, "job_not_expired", bench, job_id=over.job_id)


@pytest.mark.parametrize("status", ["Closed", "Hidden", "Expired", ""])
async def test_a_job_that_is_not_active(bench: Bench, status: str) -> None:
    job = await heard(bench, status=status)
    await refused(JobClosed, "job_open", bench, job_id=job.job_id)


@pytest.mark.parametrize("lasts", [timedelta(minutes=1), timedelta(days=-1)])
async def test_a_sealed_job_until_the_seal_is_off(bench: Bench, lasts: timedelta) -> None:
    job = await heard(bench)
    seal = text("UPDATE job_snapshots SET sealed_until = :until")
    async with bench.db.write() as session:
        await session.execute(seal, {"until": clock.now() + lasts})
    await refused(JobClosed, "job_open", bench, job_id=job.job_id)
    async with bench.db.write() as session:
        await session.execute(seal, {"until": None})
    await insert(bench, job.job_id)


async def test_a_second_live_application(bench: Bench) -> None:
    job, me = await heard(bench), new_id()
    await insert(bench, job.job_id, candidate_id=me, status="Withdrawn")
    await insert(bench, job.job_id, candidate_id=me)
    again = {"job_id": job.job_id, "candidate_id": me}
    await refused(AlreadyApplied, "uq_applications_live", bench, **again)
    await refused(AlreadyApplied, "uq_applications_live", bench, status="Rejected", **again)


async def test_the_application_waits_for_whoever_is_sealing_the_job(bench: Bench) -> None:
    """Neither has committed: what the trigger reads is what is there when its turn has come."""
    job = await heard(bench)
    alone = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:id AS text), 0))")
    async with bench.db.write() as session:
        await session.execute(alone, {"id": str(job.job_id)})
        inserting = asyncio.create_task(refused(JobClosed, "job_open", bench, job_id=job.job_id))
        applying = asyncio.create_task(apply(bench, job.job_id))
        async with asyncio.timeout(20):
            while len(await bench.rows("SELECT pid FROM pg_locks WHERE NOT granted")) < 2:
                await asyncio.sleep(0.02)
        await session.execute(text("UPDATE job_snapshots SET sealed_until = now()"))
    await inserting
    answer = await applying
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "JOB_CLOSED")
