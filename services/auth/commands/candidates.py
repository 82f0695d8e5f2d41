"""What a candidate changes of his profile."""

from uuid import UUID

from sqlmodel import col, select

from libs.common import clock
from libs.common.db import WriteSession
from libs.common.errors import NotFound
from libs.common.messaging import publish
from services.auth.facts import candidate_updated
from services.auth.models import Account, Candidate, Person
from services.auth.schemas.candidates import CvIn


async def set_cv(session: WriteSession, candidate_id: UUID, cv: CvIn) -> Candidate:
    """Replace the candidate's default CV.

    Raises:
        NotFound: the candidate's account is gone.
    """
    mine = (
        select(Account, Person, Candidate)
        .join(Person, col(Person.account_id) == Account.id)
        .join(Candidate, col(Candidate.account_id) == Account.id)
        .where(Account.id == candidate_id)
        .with_for_update(of=Candidate)
    )
    found = (await session.exec(mine)).one_or_none()
    if found is None:
        raise NotFound
    account, person, candidate = found
    candidate.cv_url, candidate.cv_name = cv.cv_url, cv.cv_name
    candidate.cv_updated_at = clock.now()
    candidate.version += 1
    publish(session, candidate_updated(account, person, candidate))
    return candidate
