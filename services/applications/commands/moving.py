"""Moving an application on, and taking it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from libs.common import clock
from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationWithdrawn
from libs.common.errors import NotFound
from libs.common.messaging import publish
from libs.common.sessions import WriteSession
from services.applications.facts import facts_of
from services.applications.models import (
    Application,
    ApplicationMove,
    CandidateSnapshot,
    JobSnapshot,
)
from services.applications.rules import PENDING, Status, check_withdrawal, move
from services.applications.schemas.moving import StatusIn

_Held = Select[Application, JobSnapshot, str]


async def move_application(
    session: WriteSession, employer_id: UUID, apply_id: UUID, wanted: StatusIn
) -> Application:
    """Move an application for one of the employer's jobs to another status, and keep the move.

    Raises:
        NotFound: there is no such application for a job of his.
        InvalidStatusTransition: it does not go there from where it is.
    """
    mine = col(JobSnapshot.employer_id) == employer_id
    application, job, name = await _hold_application(session, apply_id, mine)
    present, now = Status(application.status), clock.now()
    if not move(present, wanted.status):
        return application
    _set(session, application, wanted.status, employer_id, now, wanted.note)
    said = facts_of(application.id, application.candidate_id, job, name) | {
        "from_status": present,
        "changed_at": now,
    }
    publish(session, ApplicationStatusChanged(**said, to_status=wanted.status))
    return application


async def withdraw_application(session: WriteSession, candidate_id: UUID, apply_id: UUID) -> None:
    """Take back an application of the candidate's; it stays, as withdrawn.

    Raises:
        NotFound: he has no such application.
        WithdrawalNotAllowed: it was answered, or is withdrawn, or the job's last day is over.
    """
    mine = col(Application.candidate_id) == candidate_id
    application, job, name = await _hold_application(session, apply_id, mine)
    now = clock.now()
    check_withdrawal(Status(application.status), job.expires_at, now)
    _withdraw(session, application, job, name, now)


async def withdraw_pending(session: WriteSession, candidate_id: UUID) -> None:
    """Take back, for somebody who is erased, what no employer has answered; nameless already.

    None of them keeps a job from being closed, or an employer waiting for nobody.
    """
    his = _held(col(Application.candidate_id) == candidate_id).order_by(col(Application.id))
    pending = his.where(col(Application.status).in_(PENDING))
    for application, job, _ in (await session.exec(pending)).all():
        _withdraw(session, application, job, None, clock.now())


def _withdraw(
    session: WriteSession,
    application: Application,
    job: JobSnapshot,
    name: str | None,
    now: datetime,
) -> None:
    said = facts_of(application.id, application.candidate_id, job, name) | {
        "from_status": application.status,
        "withdrawn_at": now,
    }
    _set(session, application, Status.WITHDRAWN, application.candidate_id, now)
    publish(session, ApplicationWithdrawn(**said))


def _set(
    session: WriteSession,
    application: Application,
    status: Status,
    mover: UUID,
    now: datetime,
    note: str | None = None,
) -> None:
    """Change the status of a held application, and keep who did, when and why."""
    made = ApplicationMove(
        application_id=application.id,
        from_status=application.status,
        to_status=status,
        moved_by=mover,
        moved_at=now,
        note=note,
    )
    session.add(made)
    application.status, application.updated_at = status, now


async def _hold_application(
    session: WriteSession, apply_id: UUID, mine: ColumnElement[bool]
) -> tuple[Application, JobSnapshot, str | None]:
    """Return an application, its job, and the candidate's name; nobody else changes it meanwhile.

    Raises NotFound if it is not `mine`.
    """
    found = (await session.exec(_held(col(Application.id) == apply_id, mine))).first()
    if found is None:
        raise NotFound
    return found


def _held(*which: ColumnElement[bool]) -> _Held:
    return (
        select(Application, JobSnapshot, col(CandidateSnapshot.name))
        .join(JobSnapshot, col(JobSnapshot.job_id) == Application.job_id)
        .outerjoin(
            CandidateSnapshot, col(CandidateSnapshot.candidate_id) == Application.candidate_id
        )
        .where(*which)
        .with_for_update(of=Application)
    )
