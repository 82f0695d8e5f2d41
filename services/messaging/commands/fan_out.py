"""Telling an employer's followers of his new job, some at a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col

from libs.common.contracts.jobs import JobFacts, JobPosted
from libs.common.events import event
from libs.common.messaging import consumes, enqueue, publish
from libs.common.sessions import WriteSession
from services.messaging.commands.notifications import notify_all
from services.messaging.models import Follow
from services.messaging.notices import notice_of

PART = 200
"""Followers told in one transaction: what else is to be told comes in between two."""
_LEFT = "followers left to tell"
"""Key in `session.info`: how many of them its transaction may still tell."""


@event("fan_out.due", subject="job_id")
class FanOutDue(JobFacts):
    """More followers are to be told of a job. Private to this service: it never meets a broker."""

    after: tuple[datetime, UUID] | None = None
    """Since when he follows, and who he is: the last who was told."""


def fan_out(session: WriteSession, posted: JobPosted) -> None:
    """Have the employer's followers told of a job."""
    enqueue(session, tell_followers, FanOutDue(**posted.model_dump()))


@consumes(FanOutDue)
async def tell_followers(session: WriteSession, due: FanOutDue) -> None:
    """Notify the next followers, and leave the rest to a job of their own.

    However many jobs a transaction is to tell of, it tells `PART` followers: nobody else whose
    turn it is waits for more.
    """
    left = session.info.get(_LEFT, PART)
    told = await _followers(session, due, left) if left else []
    session.info[_LEFT] = left - len(told)
    if told:
        notice = notice_of(JobPosted.event_name, due.model_dump(mode="json"))
        readers = [one.candidate_id for one in told]
        for made in await notify_all(session, notice, readers):
            publish(session, made)
    if len(told) == left:
        after = (told[-1].since, told[-1].candidate_id) if told else due.after
        enqueue(session, tell_followers, due.model_copy(update={"after": after}))


async def _followers(session: WriteSession, due: FanOutDue, limit: int) -> list[Follow]:
    """Return the next followers, in the order in which they came."""
    place = tuple_(col(Follow.since), col(Follow.candidate_id))
    following = select(Follow).where(col(Follow.employer_id) == due.employer_id)
    if due.after is not None:
        following = following.where(place > tuple_(*due.after))
    part = following.order_by(col(Follow.since), col(Follow.candidate_id)).limit(limit)
    return list((await session.scalars(part)).all())
