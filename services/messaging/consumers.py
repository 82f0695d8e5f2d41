"""What the messaging service keeps of the facts of others, and whom it tells of them."""

from libs.common.contracts.applications import ApplicationStatusChanged, ApplicationSubmitted
from libs.common.contracts.auth import UserActivated, UserRegistered, UserUpdated
from libs.common.db import WriteSession
from libs.common.messaging import consumes
from services.messaging.commands import keep_person, notify


@consumes(UserRegistered)
async def on_user_registered(session: WriteSession, event: UserRegistered) -> None:
    """Know the person, who cannot be written to yet."""
    await keep_person(session, event)


@consumes(UserActivated)
async def on_user_activated(session: WriteSession, event: UserActivated) -> None:
    """Let the person be written to."""
    await keep_person(session, event)


@consumes(UserUpdated)
async def on_user_updated(session: WriteSession, event: UserUpdated) -> None:
    """Know what changed."""
    await keep_person(session, event)


@consumes(ApplicationSubmitted)
async def on_application_submitted(session: WriteSession, event: ApplicationSubmitted) -> None:
    """Tell the employer."""
    await notify(session, event)


@consumes(ApplicationStatusChanged)
async def on_application_moved(session: WriteSession, event: ApplicationStatusChanged) -> None:
    """Tell the candidate."""
    await notify(session, event)


consumers = [
    on_user_registered,
    on_user_activated,
    on_user_updated,
    on_application_submitted,
    on_application_moved,
]
