"""How an application has come where it stands."""

from uuid import UUID

from sqlalchemy import null, or_, select
from sqlmodel import col

from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.pagination import Page, Window, page
from libs.common.sessions import ReadSession
from services.applications.models import Application, ApplicationMove, JobSnapshot
from services.applications.queries.parts import ON_JOB, Listed, count
from services.applications.schemas.moving import MoveOut


async def history_of_application(
    session: ReadSession, me: Identity, apply_id: UUID, paging: Window
) -> Page[MoveOut]:
    """List an application's moves, oldest first; the notes are for the job's employer alone.

    Raises:
        NotFound: there is no such application, or it is none of `me`'s.
    """
    mine = or_(
        col(Application.candidate_id) == me.user_id, col(JobSnapshot.employer_id) == me.user_id
    )
    employer_id = await session.scalar(
        select(col(JobSnapshot.employer_id))
        .join(Application, ON_JOB)
        .where(col(Application.id) == apply_id, mine)
    )
    if employer_id is None:
        raise NotFound
    listed: Listed = select(
        col(ApplicationMove.from_status).label("from"),
        col(ApplicationMove.to_status).label("to"),
        col(ApplicationMove.moved_by).label("by"),
        col(ApplicationMove.moved_at).label("at"),
        (col(ApplicationMove.note) if employer_id == me.user_id else null()).label("note"),
    ).where(col(ApplicationMove.application_id) == apply_id)
    part = listed.order_by(col(ApplicationMove.id)).limit(paging.limit).offset(paging.offset)
    rows = (await session.execute(part)).mappings()
    moves = [MoveOut.model_validate(row) for row in rows]
    return page(moves, await count(session, listed), paging)
