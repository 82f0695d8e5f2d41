"""Who follows whom."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, func, select
from sqlmodel import col

from libs.common.files import file_url
from libs.common.i18n import say
from libs.common.pagination import Page, Window, page
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession
from services.messaging.models import CandidateSnapshot, Follow, PersonSnapshot
from services.messaging.schemas.follows import FollowedOut, FollowerOut


async def followers_of(
    session: ReadSession, employer_id: UUID, paging: Window
) -> Page[FollowerOut]:
    """List who follows an employer, the newest first."""
    theirs = col(Follow.employer_id) == employer_id
    rows = await _part(session, theirs, col(Follow.candidate_id), paging)
    followers = [
        FollowerOut(user_id=row.id, headline=row.headline, **_shown(session, row)) for row in rows
    ]
    return page(followers, await _count(session, theirs), paging)


async def followed_by(
    session: ReadSession, candidate_id: UUID, paging: Window
) -> Page[FollowedOut]:
    """List whom a candidate follows, the newest first."""
    mine = col(Follow.candidate_id) == candidate_id
    rows = await _part(session, mine, col(Follow.employer_id), paging)
    followed = [
        FollowedOut(employer_id=row.id, since=row.since, **_shown(session, row)) for row in rows
    ]
    return page(followed, await _count(session, mine), paging)


async def _part(
    session: ReadSession,
    wanted: ColumnElement[bool],
    other: SQLColumnExpression[UUID],
    paging: Window,
) -> list[Row[Any]]:
    """Read a part of the follows, with what is known of the `other`: of no more is it looked up."""
    part = (
        select(other.label("id"), col(Follow.since))
        .where(wanted)
        .order_by(col(Follow.since).desc(), other.desc())
        .limit(paging.limit)
        .offset(paging.offset)
        .subquery()
    )
    person, candidate = PersonSnapshot, CandidateSnapshot
    listed = (
        select(part, col(person.name), col(person.avatar_url), col(candidate.headline))
        .outerjoin(person, col(person.user_id) == part.c.id)
        .outerjoin(candidate, col(candidate.candidate_id) == part.c.id)
        .order_by(part.c.since.desc(), part.c.id.desc())
    )
    return list((await session.execute(listed)).all())


def _shown(session: ReadSession, row: Row[Any]) -> dict[str, Any]:
    avatar = file_url(runtime_in(session).settings, row.avatar_url)
    return {"name": row.name or say("notifications.somebody"), "avatar": avatar}


async def _count(session: ReadSession, wanted: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(Follow).where(wanted)) or 0
