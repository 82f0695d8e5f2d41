"""What the jobs service holds of a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from libs.common.privacy import PersonalData
from libs.common.sessions import ReadSession, WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.jobs.commands.lifecycle import end
from services.jobs.models import (
    CandidateSnapshot,
    EmployerSnapshot,
    Job,
    JobApply,
    JobDescription,
)
from services.jobs.rules import Status


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return what he is matched by, where he applied, for which company he posts, and what."""
    candidate = await session.get(CandidateSnapshot, person)
    known = await session.get(EmployerSnapshot, person)
    his = (
        select(Job, JobDescription)
        .join(JobDescription, col(JobDescription.job_id) == col(Job.id))
        .where(col(Job.employer_id) == person)
        .order_by(col(Job.id))
    )
    applied = select(col(JobApply.job_id)).where(col(JobApply.candidate_id) == person)
    unsaid = {"version"}
    return {
        "candidate": candidate.model_dump(exclude={"version"}) if candidate else None,
        "applied_for": list(await session.scalars(applied.order_by(col(JobApply.application_id)))),
        "employer": known.model_dump(exclude={"version"}) if known else None,
        "jobs": [
            job.model_dump(exclude=unsaid) | description.model_dump(exclude={"job_id"})
            for job, description in await session.execute(his)
        ],
    }


async def erase(session: WriteSession, person: UUID) -> None:
    """Close his jobs: nobody would read the applications. Their text is the company's."""
    nobody: dict[str, Any] = {"candidate_id": person, "skill_ids": [], "target_roles": []}
    nobody |= {"experience_level": None, "location": None, "version": ERASED}
    await keep_newest(session, CandidateSnapshot, nobody)
    whose = update(JobApply).where(col(JobApply.candidate_id) == person)
    await session.execute(whose.values(candidate_id=None))
    gone = {"employer_id": person, "company_id": None, "version": ERASED}
    await keep_newest(session, EmployerSnapshot, gone)
    his = select(Job).where(col(Job.employer_id) == person, col(Job.status) != Status.CLOSED)
    held = await session.scalars(his.order_by(col(Job.id)).with_for_update(key_share=True))
    await end(session, list(held), Status.CLOSED)


personal_data = PersonalData(
    holds="A candidate's skills, level, location, the roles he aims for and the jobs he applied "
    "for; for which company an employer posts, and that he posted its jobs, by his id alone; the "
    "jobs stay, closed.",
    export=export,
    erase=erase,
)
