"""What the applications service holds of a person."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlmodel import col

from libs.common.files import file_url
from libs.common.privacy import PersonalData
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from libs.common.snapshots import ERASED, keep_newest
from services.applications.commands.moving import withdraw_pending
from services.applications.models import (
    Application,
    ApplicationMove,
    CandidateSnapshot,
    Feedback,
)


async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
    """Return who he is here, his applications with their moves, the moves he made, his ratings.

    The employer's notes are among them: what was written on him is his to know.
    """
    known = await session.get(CandidateSnapshot, person)
    his = select(Application).where(col(Application.candidate_id) == person)
    applications = (await session.scalars(his.order_by(col(Application.id)))).all()
    mine = [application.id for application in applications]
    moves = await _moves(session, person, mine)
    of = {one: [move for move in moves if move["application_id"] == one] for one in mine}
    return {
        "candidate": _shown(session, known) if known else None,
        "applications": [_shown(session, row) | {"moves": of[row.id]} for row in applications],
        "moves_made": [move for move in moves if move["moved_by"] == person],
        "feedback": await _feedback(session, person),
    }


def _shown(session: ReadSession, row: Application | CandidateSnapshot) -> dict[str, Any]:
    cv_url = file_url(runtime_in(session).settings, row.cv_url)
    return row.model_dump(exclude={"version"}) | {"cv_url": cv_url}


async def _moves(session: ReadSession, person: UUID, mine: list[UUID]) -> list[dict[str, Any]]:
    theirs = or_(
        col(ApplicationMove.application_id).in_(mine), col(ApplicationMove.moved_by) == person
    )
    found = await session.scalars(
        select(ApplicationMove).where(theirs).order_by(col(ApplicationMove.id))
    )
    return [move.model_dump() for move in found]


async def _feedback(session: ReadSession, person: UUID) -> list[dict[str, Any]]:
    his = select(Feedback).where(col(Feedback.candidate_id) == person).order_by(col(Feedback.id))
    return [row.model_dump(exclude={"employer_id"}) for row in await session.scalars(his)]


async def erase(session: WriteSession, person: UUID) -> None:
    """Forget name, address, letters and CVs, the notes on him and by him, and what he said of jobs.

    The applications stay, for the employer to count, those withdrawn that wait for an answer; his
    ranks too, for the average, as nobody's.
    """
    nobody = {"name": "", "email": "", "cv_url": None, "version": ERASED}
    await keep_newest(session, CandidateSnapshot, {"candidate_id": person, **nobody})
    await withdraw_pending(session, person)
    his = col(Application.candidate_id) == person
    await session.execute(update(Application).where(his).values(cv_url="", cover_letter=None))
    noted = or_(
        col(ApplicationMove.application_id).in_(select(col(Application.id)).where(his)),
        col(ApplicationMove.moved_by) == person,
    )
    await session.execute(update(ApplicationMove).where(noted).values(note=None))
    rated = update(Feedback).where(col(Feedback.candidate_id) == person)
    await session.execute(rated.values(candidate_id=None, content=None))


personal_data = PersonalData(
    holds="Name, address, default CV; applications with letter, CV and the employer's notes, of "
    "which the bare application stays, withdrawn if it was not answered; ratings of jobs, of which "
    "the rank stays as nobody's.",
    export=export,
    erase=erase,
)
