"""Mails about notifications, in the reader's language.

A mail is put into words by a job of its own: a notification need not wait until it is known who is
to be written to, nor does a name wait in a queue.
"""

from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from libs.common.context import Context, entered, preferred_language
from libs.common.db import WriteSession
from libs.common.events import Event, event
from libs.common.i18n import Catalogue, say, speaking
from libs.common.mail import MailRequested, send_mail
from libs.common.messaging import consumes, enqueue
from services.messaging.models import Notification, PersonSnapshot
from services.messaging.queries.notifications import words_of

CATALOGUE = Catalogue(Path(__file__).parents[1] / "messages")
_REGISTERED = 1
"""Version of somebody not yet activated: whoever is written to has been, so news is on its way."""
_READER, _ACTOR = aliased(PersonSnapshot), aliased(PersonSnapshot)
# Made once: to put it together took longer than all the rest.
_ASKED: Select[*tuple[Any, ...]] = (
    select(
        *(col(Notification.id), col(Notification.user_id), col(Notification.actor_id)),
        *(col(Notification.origin), col(Notification.params)),
        *(col(_READER.email), col(_READER.language), col(_READER.is_active)),
        (col(_READER.version) > _REGISTERED).label("is_known"),
        col(_ACTOR.name).label("actor"),
    )
    .outerjoin(_READER, col(_READER.user_id) == col(Notification.user_id))
    .outerjoin(_ACTOR, col(_ACTOR.user_id) == col(Notification.actor_id))
    .where(col(Notification.id) == bindparam("id"))
)


class NotKnownYet(RuntimeError):
    """An application overtook the news of who made it, or of whom it is for: try again later."""


@event("mail.due", subject="notification_id")
class MailDue(Event):
    """A notification is to be mailed, too. Private to this service: it never meets a broker."""

    notification_id: UUID


@consumes(MailDue)
async def mail_notification(session: WriteSession, due: MailDue) -> None:
    """Mail a notification, unless one of the two is gone, or its reader is not active.

    Raises:
        NotKnownYet: the address or the other's name is still on its way.
    """
    row = (await session.execute(_ASKED, {"id": due.notification_id})).one_or_none()
    if row is None or row.actor == "" or (row.is_known and not row.is_active):
        return
    if not row.is_known or row.email is None or row.actor is None:
        raise NotKnownYet(f"nobody can write to {row.user_id} about {row.actor_id} yet")
    with entered(Context("", "", preferred_language(row.language))), speaking(CATALOGUE):
        mail = _in_words(row)
    enqueue(session, send_mail, mail)


def _in_words(row: Row[Any]) -> MailRequested:
    topic, words = words_of(row)
    shown = {name: escape(value) for name, value in words.items()}
    return MailRequested(
        mail_id=row.id,
        people=[row.user_id, row.actor_id],
        to=row.email,
        subject_line=" ".join(say(f"mail.{topic}_subject", **words).split()),  # it is one line
        text=say(f"mail.{topic}_text", **words),
        html=say(f"mail.{topic}_html", **shown),
    )
