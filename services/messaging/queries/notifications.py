"""What a person was notified of, in the words of the reader's language."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, true
from sqlmodel import col

from libs.common.i18n import say
from libs.common.pagination import Page, Window, feed_page, part_of
from libs.common.sessions import ReadSession
from services.messaging.models import Notification, PersonSnapshot
from services.messaging.notices import event_of, is_about_actor
from services.messaging.schemas.notifications import AboutOut, CountOut, NotificationOut

COUNTED = 1000
"""How far the total of a list is counted: to know it to the last would cost more than the page."""


async def notifications_of(
    session: ReadSession, me: UUID, is_read: bool | None, paging: Window
) -> Page[NotificationOut]:
    """List a person's notifications in the caller's language, newest first."""
    reader = col(Notification.user_id)
    read = true() if is_read is None else col(Notification.is_read) == is_read
    # A range, and sorted by: else PostgreSQL may look for his among everybody's, by their ids.
    listed = shown().where(reader.between(me, me), read).order_by(reader.desc())
    part = part_of(listed, paging, col(Notification.id), newest_first=True)
    found = (await session.execute(_with_total(part, reader == me, read))).all()
    rows = [in_words(row) for row in found if row.id is not None]
    total = found[0].total
    page = feed_page(rows, min(total, COUNTED), paging, lambda row: row.id)
    capped = {"X-Total-Capped": "true"} if total > COUNTED else {}
    return replace(page, headers={**page.headers, **capped})


async def unread_of(session: ReadSession, me: UUID) -> CountOut:
    """Count a person's unread notifications."""
    unread = (col(Notification.user_id) == me, ~col(Notification.is_read))
    return CountOut(count=await session.scalar(select(func.count()).where(*unread)) or 0)


def shown() -> Select[*tuple[Any, ...]]:
    """Select what `in_words` needs of notifications."""
    return select(
        *(col(Notification.id), col(Notification.type), col(Notification.params)),
        *(col(Notification.is_read), col(Notification.created_at), col(Notification.origin)),
        *(col(Notification.actor_id), col(PersonSnapshot.name).label("actor")),
    ).outerjoin(PersonSnapshot, col(PersonSnapshot.user_id) == col(Notification.actor_id))


def in_words(row: Row[Any]) -> NotificationOut:
    """Put a row of `shown` into words."""
    topic, words = words_of(row)
    return NotificationOut(
        id=row.id,
        title=say(f"notifications.{topic}.title", **words),
        content=say(f"notifications.{topic}.content", **words),
        type=row.type,
        is_read=row.is_read,
        created_at=row.created_at,
        about=AboutOut(
            job_id=row.params.get("job_id"),
            apply_id=row.params.get("application_id"),
            user_id=row.actor_id if is_about_actor(topic) and row.actor != "" else None,
        ),
    )


def words_of(row: Any) -> tuple[str, dict[str, str]]:
    """Return what a notification is about, and what stands in its text, in the reader's language.

    Args:
        row: with `origin`, `params`, and the actor's name, None or empty where he is nobody.
    """
    unnamed = {"job_title": say("notifications.your_job")}
    words = {**unnamed, **row.params, "actor": row.actor or say("notifications.somebody")}
    if "to_status" in words:
        words["status"] = say(f"statuses.{words['to_status']}")
    return event_of(row.origin), words


def _with_total(
    part: Select[*tuple[Any, ...]], *wanted: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Select a part with the total beside each row; an empty part is one row without an id."""
    some = select(literal(1)).select_from(Notification).where(*wanted).limit(COUNTED + 1)
    total = select(func.count().label("total")).select_from(some.subquery()).subquery()
    rows = part.subquery()
    joined = total.outerjoin(rows, true())
    return select(total.c.total, rows).select_from(joined).order_by(rows.c.id.desc())
