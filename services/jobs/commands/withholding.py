"""The jobs of an employer whom an admin deactivates, or lets in again: withheld, and shown again.

Where they stand does not change: nobody finds or reads them meanwhile, and others hear that they
are withheld. See `parts.WITHHELD`.
"""

from uuid import UUID

from sqlmodel import col

from libs.common.events import Event, event
from libs.common.ids import NIL
from libs.common.messaging import consumes, enqueue
from libs.common.sessions import WriteSession
from services.jobs.commands.renaming import tell_anew
from services.jobs.models import Job
from services.jobs.rules import Status


@event("jobs.withheld_or_shown", subject="employer_id", person="employer_id")
class WithheldOrShown(Event):
    """Jobs of an employer, those behind one, are withheld or shown. Private to this service."""

    employer_id: UUID
    after: UUID


@consumes(WithheldOrShown)
async def withhold_or_show(session: WriteSession, event: WithheldOrShown) -> None:
    """Bring the next batch of an employer's active jobs in step with whether he is deactivated."""
    his = (col(Job.employer_id) == event.employer_id) & (col(Job.status) == Status.ACTIVE)
    if last := await tell_anew(session, his, event.after):
        enqueue(session, withhold_or_show, event.model_copy(update={"after": last}))


async def employer_shut_out_or_let_in(session: WriteSession, employer_id: UUID) -> None:
    """Deal with his first jobs at once, with the others in batches after this transaction."""
    await withhold_or_show.handle(session, WithheldOrShown(employer_id=employer_id, after=NIL))
