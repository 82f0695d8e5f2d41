"""What is new, written as events (WHATWG HTML §9.2.6)."""

from collections.abc import Mapping, Set
from typing import NamedTuple
from uuid import UUID

from libs.common.context import Context, Language, entered
from libs.common.i18n import Catalogue, speaking
from libs.common.sessions import ReadSession
from services.messaging.queries.messages import messages_in
from services.messaging.queries.notifications import in_words
from services.messaging.queries.stream import PAGE, News, notifications_in
from services.messaging.stream.cursor import TOLD_FOR, Cursor


class Wanted(NamedTuple):
    """A thing to be written, in the language of who reads it; a message has but its own."""

    kind: str
    id: UUID
    language: Language | None


def wanted_in(language: Language, kind: str, item_id: UUID) -> Wanted:
    """Say what is to be written for a reader of `language`."""
    return Wanted(kind, item_id, language if kind == "notification" else None)


Written = Mapping[Wanted, bytes]
"""As JSON; what is gone meanwhile is not among it."""


async def written_out(session: ReadSession, wanted: Set[Wanted], catalogue: Catalogue) -> Written:
    """Write each of `wanted` once, however many are told of it."""
    written: dict[Wanted, bytes] = {}
    messages = [one.id for one in wanted if one.kind == "message"]
    if messages:
        for message in await messages_in(session, messages):
            key = Wanted("message", message.message_id, None)
            written[key] = message.model_dump_json(by_alias=True).encode()
    notifications = [one for one in wanted if one.kind == "notification"]
    if notifications:
        rows = await notifications_in(session, {one.id for one in notifications})
        for one in notifications:
            if one.id in rows:
                with entered(Context("", "", one.language or "vi")), speaking(catalogue):
                    out = in_words(rows[one.id])
                written[one] = out.model_dump_json(by_alias=True).encode()
    return written


def told(
    last: Cursor | None, found: News, at: int, written: Written, language: Language
) -> tuple[bytes, Cursor, bool]:
    """Write what is new for one reader.

    Args:
        last: up to where he was told; None for one who has just come.
        at: when it was looked for, seconds since 1970.

    Returns:
        The events, up to where he is told with them, and whether there may be more at once.
    """
    now = Cursor(at, found.now)
    if last is None:
        return b"", now, False
    if last.newest > now.newest or last.at < at - TOLD_FOR.total_seconds():
        return event("reset", now), now, False
    upto = last.upto or found.now
    places = [Cursor(last.at, last.seen, upto, item_id) for _, item_id in found.items]
    if len(places) < PAGE:  # all that `upto` sees
        whole = now if last.upto is None else Cursor(last.at, last.upto)
        places = [*places[:-1], whole]
    events = [
        event(kind, place, written[key])
        for (kind, item_id), place in zip(found.items, places, strict=False)
        if (key := wanted_in(language, kind, item_id)) in written
    ]
    return b"".join(events), places[-1], places[-1] != now


def event(kind: str, cursor: Cursor, data: bytes = b"{}") -> bytes:
    """Write one event; JSON on one line is data on one line."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (kind.encode(), str(cursor).encode(), data)
