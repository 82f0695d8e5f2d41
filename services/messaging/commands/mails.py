"""Mails about notifications, in the reader's language.

A mail is put into words by a job of its own: a notification need not wait until it is known who is
to be written to, nor does a name wait in a queue.
"""

from html import escape
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from libs.common.context import Context, entered, preferred_language
from libs.common.events import Event, event
from libs.common.i18n import Catalogue, say, speaking
from libs.common.mail import MailRequested, send_mail
from libs.common.messaging import consumes, enqueue
from libs.common.sessions import WriteSession
from services.messaging.queries.notifications import words_of

CATALOGUE = Catalogue(Path(__file__).parents[1] / "messages")
_REGISTERED = 1
"""Version of somebody not yet activated: whoever is written to has been, so news is on its way."""
# Whoever is being erased is waited for, or waits: then his erasure finds the mail (see `_ADD`).
_ASKED = """
    WITH held AS MATERIALIZED (
        SELECT user_id, name, email, language, is_active, version FROM person_snapshots
        WHERE user_id = ANY(ARRAY(
            SELECT unnest(ARRAY[user_id, actor_id]) FROM notifications WHERE id = :id
        )) FOR KEY SHARE
    )
    SELECT told.id, told.user_id, told.actor_id, told.origin, told.params,
        reader.email, reader.language, reader.is_active, reader.version > :registered AS is_known,
        actor.name AS actor
    FROM notifications AS told
    LEFT JOIN held AS reader ON reader.user_id = told.user_id
    LEFT JOIN held AS actor ON actor.user_id = told.actor_id
    WHERE told.id = :id
"""


class _Asked(NamedTuple):
    """A notification, its reader as far as he is known, and who did what it tells of."""

    id: UUID
    user_id: UUID
    actor_id: UUID
    origin: str
    params: dict[str, str]
    email: str | None
    language: str
    is_active: bool
    is_known: bool | None
    actor: str | None


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
    found = await session.run(_ASKED, id=due.notification_id, registered=_REGISTERED)
    rows = [_Asked._make(row) for row in found]
    if not rows or rows[0].actor == "" or (rows[0].is_known and not rows[0].is_active):
        return
    [row] = rows
    if not row.is_known or row.email is None or row.actor is None:
        raise NotKnownYet(f"nobody can write to {row.user_id} about {row.actor_id} yet")
    with entered(Context("", "", preferred_language(row.language))), speaking(CATALOGUE):
        mail = _in_words(row, row.email)
    enqueue(session, send_mail, mail)


def _in_words(row: _Asked, address: str) -> MailRequested:
    topic, words = words_of(row)
    shown = {name: escape(value) for name, value in words.items()}
    return MailRequested(
        mail_id=row.id,
        people=[row.user_id, row.actor_id],
        to=address,
        subject_line=" ".join(say(f"mail.{topic}_subject", **words).split()),  # it is one line
        text=say(f"mail.{topic}_text", **words),
        html=say(f"mail.{topic}_html", **shown),
    )
