"""Where a notification leads: job, application, person; and to nobody who was erased."""

from typing import Any

import pytest

from libs.common.contracts.auth import UserErased
from libs.common.contracts.jobs import JobExpired
from libs.common.contracts.messaging import EmployerFollowed, MessageSent
from libs.common.events import Event
from libs.common.ids import new_id
from libs.common.testing import Bench
from services.messaging.commands.notifications import notify
from services.messaging.models import Follow
from services.messaging.tests.samples import (
    a_person,
    moved,
    posted,
    rated,
    submitted,
    withdrawn,
)
from services.messaging.tests.test_notifications import listed

CANDIDATE, EMPLOYER = a_person(role="Candidate"), a_person()
HIM, HER = CANDIDATE.user_id, EMPLOYER.user_id
JOB, APPLICATION = new_id(), new_id()
US: dict[str, Any] = {
    "candidate_id": HIM,
    "employer_id": HER,
    "job_id": JOB,
    "application_id": APPLICATION,
}
POSTED = posted(employer_id=HER, job_id=JOB)
TOLD = [
    (submitted(**US), HER, (JOB, APPLICATION, HIM)),
    (moved(**US), HIM, (JOB, APPLICATION, HER)),
    (withdrawn(**US), HER, (JOB, APPLICATION, HIM)),
    (rated(employer_id=HER, job_id=JOB), HER, (JOB, None, None)),
    (JobExpired(**POSTED.model_dump()), HER, (JOB, None, None)),
    (POSTED, HIM, (JOB, None, HER)),
    (
        MessageSent(message_id=new_id(), sender_id=HER, receiver_id=HIM, sent_at=POSTED.expires_at),
        *(HIM, (None, None, HER)),
    ),
    (
        EmployerFollowed(employer_id=HER, candidate_id=HIM, followed_at=POSTED.expires_at),
        *(HER, (None, None, HIM)),
    ),
]


async def tell(bench: Bench, event: Event) -> None:
    """Notify of an event, of this service's own too; the candidate follows the employer."""
    await bench.hear(CANDIDATE, EMPLOYER)
    async with bench.db.write() as session:
        session.add(Follow(candidate_id=HIM, employer_id=HER, since=POSTED.expires_at))
        if isinstance(event, MessageSent | EmployerFollowed):
            await notify(session, event)
    await bench.hear(event)


@pytest.mark.parametrize(
    ("event", "reader", "about"), TOLD, ids=[event.event_name for event, *_ in TOLD]
)
async def test_it_leads_to_what_it_is_about_and_to_nobody_erased(
    bench: Bench, event: Event, reader: Any, about: Any
) -> None:
    await tell(bench, event)
    ids = [one and str(one) for one in about]
    names = ("jobId", "applyId", "userId")
    [told] = await listed(bench, reader)
    assert told["about"] == dict(zip(names, ids, strict=True))
    other = HIM if reader == HER else HER
    await bench.hear(UserErased(user_id=other, role="", erasure_id=new_id()))
    [told] = await listed(bench, reader)
    assert told["about"] == dict(zip(names, [*ids[:2], None], strict=True))
