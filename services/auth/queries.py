"""What the identity service reads."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from libs.common.errors import NotFound
from libs.common.pagination import Page, Window, page
from libs.common.reference.lookup import skill_named, skill_numbered
from libs.common.sessions import ReadSession, WriteSession
from libs.common.text import fold
from services.auth.contacts import contact_of
from services.auth.models import (
    Account,
    Candidate,
    CandidateSkill,
    Company,
    Employer,
    ErasureReceipt,
    JobHistory,
    JobSnapshot,
    Person,
    SkillSnapshot,
)
from services.auth.schemas.privacy import ErasureOut, ReceiptOut

_OPEN = "Active"
"""The status of a job that can be applied to until it expires."""


async def account_of(session: ReadSession | WriteSession, email_or_phone: str) -> Account | None:
    """Return the account with this address or number, as somebody typed it."""
    try:
        contact = contact_of(email_or_phone)
    except ValueError:
        return None
    found = col(Account.email_key if "@" in contact else Account.phone) == contact
    return (await session.exec(select(Account).where(found))).one_or_none()


async def profile(session: ReadSession, user_id: UUID) -> tuple[Account, Person, Company | None]:
    """Return who somebody is, and the company that he is linked with.

    Raises:
        NotFound: the account is gone.
    """
    statement = (
        select(Account, Person, Company)
        .join(Person, col(Person.account_id) == Account.id)
        .outerjoin(Employer, col(Employer.account_id) == Account.id)
        .outerjoin(Company, col(Company.id) == Employer.company_id)
        .where(Account.id == user_id)
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    account, person, company = found
    return account, person, company


async def company_of(session: ReadSession, company_id: UUID) -> Company:
    """Return a company.

    Raises:
        NotFound: there is none with this id.
    """
    company = await session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company


async def erasure(session: ReadSession, erasure_id: UUID) -> ErasureOut:
    """Return how far an erasure has come.

    Raises:
        NotFound: there is none with this id.
    """
    mine = select(ErasureReceipt).where(ErasureReceipt.erasure_id == erasure_id)
    rows = (await session.exec(mine.order_by(ErasureReceipt.service))).all()
    if not rows:
        raise NotFound
    given = [ReceiptOut.model_validate(row) for row in rows if row.erased_at]
    status: Literal["pending", "completed"] = "completed" if len(given) == len(rows) else "pending"
    return ErasureOut(id=erasure_id, status=status, receipts=given)


async def person_of(session: ReadSession, user_id: UUID) -> tuple[Account, Person, list[str]]:
    """Return who somebody is, and all his skills.

    Raises:
        NotFound: the account is gone.
    """
    account, person, _ = await profile(session, user_id)
    return account, person, await all_skills(session, person)


async def skills_of(session: ReadSession | WriteSession, candidate_id: UUID) -> dict[int, str]:
    """Return a candidate's skills, in his order: their names by id.

    One that was merged into another is that one, once.
    """
    known, other = aliased(SkillSnapshot), aliased(SkillSnapshot)
    skill_id = func.coalesce(known.merged_into, CandidateSkill.skill_id)
    mine = (
        select(skill_id, known.name, other.name)
        .select_from(CandidateSkill)
        .outerjoin(known, col(known.skill_id) == CandidateSkill.skill_id)
        .outerjoin(other, col(other.skill_id) == skill_id)
        .where(CandidateSkill.account_id == candidate_id)
        .order_by(col(CandidateSkill.position))
    )
    # What it was called before it was merged is all that is known until the other is heard of.
    names: dict[int, str] = {}
    for id_, before, now in await session.exec(mine):
        known_here = skill_numbered(id_)
        names[id_] = now or (known_here.name if known_here else before)
    return names


async def skills_named(session: ReadSession | WriteSession, names: Sequence[str]) -> dict[str, int]:
    """Return which skills these names are, however written; those that name none are left out."""
    if not names:
        return {}
    # All of them: few are those that admins had a hand in, and SQL cannot fold.
    told = {skill.skill_id: skill for skill in await session.exec(select(SkillSnapshot))}
    ids = {fold(skill.name): skill.skill_id for skill in told.values()}
    known: dict[str, int] = {}
    for name in names:
        skill = skill_named(name)
        id_ = ids.get(fold(name), skill.id if skill else None)
        if id_ is not None:
            merged = told[id_].merged_into if id_ in told else None
            known[name] = merged or id_
    return known


async def all_skills(session: ReadSession | WriteSession, person: Person) -> list[str]:
    """Return somebody's skills as he typed them, then those that he chose and none of these is."""
    named = await skills_named(session, person.skills)
    chosen = await skills_of(session, person.account_id)
    return person.skills + [chosen[id_] for id_ in chosen if id_ not in named.values()]


async def unknown_skills(session: WriteSession, skill_ids: Sequence[int]) -> list[int]:
    """Return those of the ids that no skill has, or ever had."""
    others = [skill_id for skill_id in skill_ids if skill_numbered(skill_id) is None]
    found = select(SkillSnapshot.skill_id).where(col(SkillSnapshot.skill_id).in_(others))
    known = set(await session.exec(found)) if others else set()
    return [skill_id for skill_id in others if skill_id not in known]


async def job_history_of(
    session: ReadSession, candidate_id: UUID, asked: Window
) -> Page[JobHistory]:
    """Return a part of where a candidate worked, the newest first."""
    mine = col(JobHistory.account_id) == candidate_id
    total = (await session.exec(select(func.count()).where(mine))).one()
    shown = _newest_first(candidate_id).limit(asked.limit).offset(asked.offset)
    return page(list((await session.exec(shown)).all()), total, asked)


def _newest_first(candidate_id: UUID) -> SelectOfScalar[JobHistory]:
    mine = select(JobHistory).where(JobHistory.account_id == candidate_id)
    return mine.order_by(col(JobHistory.start_time).desc(), col(JobHistory.id).desc())


async def candidate_of(
    session: ReadSession, candidate_id: UUID
) -> tuple[Account, Person, Candidate, list[str], list[JobHistory]]:
    """Return an active candidate, the names of his skills, and where he worked, the newest first.

    Raises:
        NotFound: there is none with this id.
    """
    statement = (
        select(Account, Person, Candidate)
        .join(Person, col(Person.account_id) == Account.id)
        .join(Candidate, col(Candidate.account_id) == Account.id)
        .where(Account.id == candidate_id, col(Account.is_active))
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    account, person, candidate = found
    jobs = (await session.exec(_newest_first(candidate_id))).all()
    skills = await skills_of(session, candidate_id)
    return account, person, candidate, list(skills.values()), list(jobs)


async def employer_of(
    session: ReadSession, employer_id: UUID
) -> tuple[Person, Employer, Company | None, int]:
    """Return an active employer, his company, and how many of his jobs can be applied to now.

    Raises:
        NotFound: there is none with this id.
    """
    open_now = (col(JobSnapshot.status) == _OPEN) & (col(JobSnapshot.expires_at) > func.now())
    open_jobs = select(func.count()).where(JobSnapshot.employer_id == employer_id, open_now)
    statement = (
        select(Person, Employer, Company, open_jobs.scalar_subquery())
        .join(Account, col(Account.id) == Person.account_id)
        .join(Employer, col(Employer.account_id) == Person.account_id)
        .outerjoin(Company, col(Company.id) == Employer.company_id)
        .where(Person.account_id == employer_id, col(Account.is_active))
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        raise NotFound
    person, employer, company, count = found
    return person, employer, company, count
