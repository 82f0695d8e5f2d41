"""Who follows whom."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from libs.common.db import ReadSession
from libs.common.files import file_url
from libs.common.i18n import say
from libs.common.pagination import Page, Window, page
from libs.common.service import runtime_in
from services.messaging.models import CandidateSnapshot, Follow, PersonSnapshot
from services.messaging.schemas.follows import FollowedOut, FollowerOut


async def followers_of(
    session: ReadSession, employer_id: UUID, paging: Window
) -> Page[FollowerOut]:
    """List who follows an employer, the newest first."""
    theirs = col(Follow.employer_id) == employer_id
    part = (
        select(col(Follow.candidate_id), col(Follow.since))
        .where(theirs)
        .order_by(col(Follow.since).desc(), col(Follow.candidate_id).desc())
        .limit(paging.limit)
        .offset(paging.offset)
        .subquery()
    )
    listed = (
        select(part, _NAME, _AVATAR, col(CandidateSnapshot.headline))
        .outerjoin(PersonSnapshot, col(PersonSnapshot.user_id) == part.c.candidate_id)
        .outerjoin(CandidateSnapshot, col(CandidateSnapshot.candidate_id) == part.c.candidate_id)
        .order_by(part.c.since.desc(), part.c.candidate_id.desc())
    )
    settings = runtime_in(session).settings
    rows = [
        FollowerOut(
            user_id=row.candidate_id,
            name=row.name or say("notifications.somebody"),
            avatar=file_url(settings, row.avatar_url),
            headline=row.headline,
        )
        for row in await session.execute(listed)
    ]
    return page(rows, await _count(session, theirs), paging)


async def followed_by(
    session: ReadSession, candidate_id: UUID, paging: Window
) -> Page[FollowedOut]:
    """List whom a candidate follows, the newest first."""
    mine = col(Follow.candidate_id) == candidate_id
    listed = (
        select(col(Follow.employer_id), col(Follow.since), _NAME, _AVATAR)
        .outerjoin(PersonSnapshot, col(PersonSnapshot.user_id) == col(Follow.employer_id))
        .where(mine)
        .order_by(col(Follow.since).desc(), col(Follow.employer_id).desc())
        .limit(paging.limit)
        .offset(paging.offset)
    )
    settings = runtime_in(session).settings
    rows = [
        FollowedOut(
            employer_id=row.employer_id,
            name=row.name or say("notifications.somebody"),
            avatar=file_url(settings, row.avatar_url),
            since=row.since,
        )
        for row in await session.execute(listed)
    ]
    return page(rows, await _count(session, mine), paging)


async def _count(session: ReadSession, wanted: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(Follow).where(wanted)) or 0


_NAME, _AVATAR = col(PersonSnapshot.name), col(PersonSnapshot.avatar_url)
