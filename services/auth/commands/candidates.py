"""What a candidate changes of his profile."""

from datetime import date
from uuid import UUID

from sqlmodel import col, delete, func, select

from libs.common.errors import NotFound, wrong_field
from libs.common.sessions import WriteSession
from services.auth.commands.people import hold
from services.auth.commands.skills import replace_skills
from services.auth.errors import JobHistoryFull, UnknownSkill
from services.auth.facts import candidate_changed
from services.auth.models import Account, Candidate, JobHistory, Person
from services.auth.queries import skills_named, skills_of, unknown_skills
from services.auth.schemas.candidates import JobHistoryChangesIn, JobHistoryIn

MAX_JOBS = 100
"""In one candidate's history."""


async def hold_candidate(
    session: WriteSession, candidate_id: UUID
) -> tuple[Account, Person, Candidate]:
    """Return a candidate; nobody else changes what belongs to him meanwhile.

    Raises:
        NotFound: his account is gone.
    """
    account, person = await hold(session, candidate_id)
    return account, person, await session.get_one(Candidate, candidate_id)


async def set_skills(session: WriteSession, candidate_id: UUID, skill_ids: list[int]) -> None:
    """Replace the candidate's skills; their order is kept, and what he typed that none of them is.

    Raises:
        NotFound: the candidate's account is gone.
        UnknownSkill: with the ids that name none.
    """
    if unknown := await unknown_skills(session, skill_ids):
        raise UnknownSkill({"skillIds": unknown})
    account, person, candidate = await hold_candidate(session, candidate_id)
    replaced = await replace_skills(session, candidate_id, skill_ids)
    chosen = await skills_of(session, candidate_id)
    named = await skills_named(session, person.skills)
    typed = [name for name in person.skills if name not in named or named[name] in chosen]
    if replaced or typed != person.skills:
        person.skills = typed
        await candidate_changed(session, account, person, candidate)


async def add_job_history(
    session: WriteSession, candidate_id: UUID, new: JobHistoryIn
) -> JobHistory:
    """Add a job to the candidate's history.

    Raises:
        NotFound: the candidate's account is gone.
        ValidationError: the job ends before it starts.
        JobHistoryFull: he has `MAX_JOBS`.
    """
    _check_period(new.start_time, new.end_time)
    await hold_candidate(session, candidate_id)
    mine = col(JobHistory.account_id) == candidate_id
    if (await session.exec(select(func.count()).where(mine))).one() >= MAX_JOBS:
        raise JobHistoryFull({"limit": MAX_JOBS})
    job = JobHistory(account_id=candidate_id, **new.model_dump())
    session.add(job)
    return job


async def update_job_history(
    session: WriteSession, candidate_id: UUID, history_id: UUID, changes: JobHistoryChangesIn
) -> JobHistory:
    """Change what is given of a job in the candidate's own history.

    Raises:
        NotFound: he has no such entry.
        ValidationError: the job would end before it starts.
    """
    job = await session.get(JobHistory, history_id, with_for_update=True)
    if job is None or job.account_id != candidate_id:
        raise NotFound
    job.sqlmodel_update(changes.model_dump(exclude_unset=True))
    _check_period(job.start_time, job.end_time)
    return job


async def delete_job_history(session: WriteSession, candidate_id: UUID, history_id: UUID) -> None:
    """Remove a job from the candidate's own history.

    Raises:
        NotFound: he has no such entry.
    """
    gone = delete(JobHistory).where(
        col(JobHistory.id) == history_id, col(JobHistory.account_id) == candidate_id
    )
    if (await session.exec(gone)).rowcount == 0:
        raise NotFound


def _check_period(start: date, end: date | None) -> None:
    if end is not None and end < start:
        raise wrong_field("endTime", "must not be earlier than startTime")
