"""The inbox: each handler's effect exactly once, with retries, back-off and dead letters.

Marking a row done and the handler's own writes are one transaction: both happen, or neither. What
arrives while nothing waits is handled at once; what fails then, or takes too long, is retried.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from libs.common import context, metrics, tracing
from libs.common.db import Database
from libs.common.events import Event, Message, open_message, origin_of
from libs.common.messaging.consumers import Consumer
from libs.common.messaging.loop import forever
from libs.common.sessions import ENQUEUED, WriteSession, write_last

log = logging.getLogger(__name__)

BATCH = 100
AT_ONCE_WITHIN = 0.5  # seconds: longer, and what arrives behind it would wait in vain
GATHER = 0.05  # seconds; nobody waits for what is left for later, so it is done together

Wanted = Sequence[tuple[Message, Consumer]]


class _Due(NamedTuple):
    """A row that was taken to be handled."""

    due_at: datetime
    message_id: UUID
    handler: str
    body: str
    attempts: int


def enqueue(session: WriteSession, consumer: Consumer, event: Event) -> None:
    """Give `consumer`, of this same service, a job, if and when this transaction commits."""
    write_last(session, _ACCEPT, _row(Message.of(event), consumer, waiting=True))
    session.info.setdefault(ENQUEUED, set()).add(consumer.outside)


# JSON, since quoting the bodies for a text[] would cost more than the INSERT.
_ACCEPT = """
    INSERT INTO inbox (message_id, handler, name, body, state, done_at)
    SELECT message_id, handler, name, body, CASE WHEN body IS NULL THEN 'done' ELSE 'waiting' END,
        CASE WHEN body IS NULL THEN now() END
    FROM json_to_recordset(CAST(:rows AS json))
        AS row (message_id uuid, handler text, name text, body text)
    ON CONFLICT DO NOTHING RETURNING message_id, handler
    """
_TAKE = """
    SELECT due_at, message_id, handler, body, attempts
    FROM take_from_inbox(CAST(:handlers AS text[]), :batch)
    """
_FAIL = """
    UPDATE inbox SET attempts = attempts + 1, error = :error,
        state = CASE WHEN attempts + 1 < :limit THEN 'waiting' ELSE 'dead' END,
        due_at = now() + make_interval(
            secs => :first * power(:factor, attempts) * (0.75 + random() / 2)
        )
    WHERE message_id = :message_id AND handler = :handler
        AND state = 'waiting' AND attempts = :attempts
    RETURNING state
    """
_HASTEN = "UPDATE inbox SET due_at = now() WHERE state = 'waiting' AND due_at > now()"
_PENDING = """
    SELECT count(*) FROM inbox
    WHERE state = 'waiting' AND due_at <= now() AND handler = ANY(CAST(:handlers AS text[]))
    """


class InboxWorker:
    """Runs a service's handlers over its inbox; any number may run at once.

    With the defaults a message is tried 8 times within about 9 minutes. `deadline` is how long
    (seconds) a handler may take.
    """

    def __init__(
        self,
        db: Database,
        consumers: Collection[Consumer],
        *,
        attempts: int = 8,
        first_retry: float = 0.5,
        factor: float = 3.0,
        deadline: float = 30.0,
    ) -> None:
        self._db = db
        self._consumers = {consumer.name: consumer for consumer in consumers}
        if len(self._consumers) < len(consumers):
            raise TypeError("two consumers of one service bear the same name")
        self._inside = [one.name for one in consumers if not one.outside]
        self._outside = [one.name for one in consumers if one.outside]
        self._retry = {"limit": attempts, "first": first_retry, "factor": factor}
        self._deadline = deadline
        self._woken = (asyncio.Event(), asyncio.Event())
        self._behind = True
        """Rows may wait: what arrives now comes after them."""
        db.on_enqueued.append(lambda outside: self._woken[outside].set())

    @property
    def names(self) -> frozenset[str]:
        """The events to subscribe to."""
        return frozenset(consumer.event.event_name for consumer in self._consumers.values())

    def wake(self) -> None:
        """There may be something to do."""
        for lane in self._woken:
            lane.set()

    async def accept(self, messages: Sequence[Message]) -> None:
        """Handle messages at once, or keep them for `run`: once for each handler, and committed."""
        once = {message.id: message for message in messages}
        wanted = [
            (message, consumer)
            # in one order everywhere: two that accept the same messages cannot deadlock
            for _, message in sorted(once.items())
            for consumer in self._consumers.values()
            if consumer.event.event_name == message.name
        ]
        if wanted and (self._behind or not await self._handle_at_once(wanted)):
            async with self._db.write() as session:
                await _insert(session, wanted, waiting=lambda _: True)
            self._behind = True
            self.wake()

    async def _handle_at_once(self, wanted: Wanted) -> bool:
        """Handle what is new, in one transaction; return whether that worked.

        Where it did, but nobody heard of it, the rows are there when the messages come again.
        """
        try:
            async with self._db.write() as session, asyncio.timeout(AT_ONCE_WITHIN):
                new = await _insert(session, wanted, waiting=lambda one: one.outside)
                for message, consumer in wanted:
                    if (message.id, consumer.name) not in new:
                        continue
                    if consumer.outside:
                        session.info.setdefault(ENQUEUED, set()).add(True)
                    else:
                        await self._handle(session, consumer, message.body)
        except Exception as error:  # found out, and counted, one by one
            log.info("%d messages of %s have to wait: %r", len(wanted), self._db.service, error)
            return False
        return True

    async def step(self) -> int:
        """Deal with one batch, and one message of the outside lane; return how many were tried."""
        return await self._step_inside() + await self._step_outside()

    async def run(self) -> None:
        """Work for ever, whatever happens to the database; ends by cancellation."""
        name, (inside, outside) = self._db.service, self._woken
        async with asyncio.TaskGroup() as lanes:
            if self._inside:
                lane = forever(
                    f"inbox of {name}", self._step_inside, full=BATCH, woken=inside, gather=GATHER
                )
                lanes.create_task(lane)
            if self._outside:
                lane = forever(f"outside lane of {name}", self._step_outside, full=1, woken=outside)
                lanes.create_task(lane)

    async def _step_inside(self) -> int:
        """Try a batch in one transaction, which nearly always works, else each row in its own."""
        try:
            tried = await self._try(self._inside, BATCH)
        except Exception as error:  # found out, and counted, one by one
            log.info("a batch of %s is redone one by one: %r", self._db.service, error)
            tried = 0
            while tried < BATCH and await self._try(self._inside, 1):
                tried += 1
        self._behind = tried == BATCH
        return tried

    async def _step_outside(self) -> int:
        return await self._try(self._outside, 1)

    async def _try(self, handlers: list[str], batch: int) -> int:
        """Handle up to `batch` rows in one transaction; return how many rows were tried.

        The failure of a row that was alone is written down, in a transaction of its own, for
        the row's may have died with its connection. Raises what a larger batch raised.
        """
        rows: list[_Due] = []
        if not handlers:
            return 0
        try:
            async with self._db.write() as session:
                rows = await _take(session, handlers, batch)
                for row in rows:
                    await self._handle(session, self._consumers[row.handler], row.body)
        except Exception as error:
            if len(rows) != 1:
                raise
            await self._fail(rows[0], error)
        return len(rows)

    async def _handle(self, session: WriteSession, consumer: Consumer, body: bytes | str) -> None:
        event, origin = open_message(body)
        if not isinstance(event, consumer.event):
            raise TypeError(
                f"{consumer.name} takes {consumer.event.event_type()}, not {event.event_type()}"
            )
        service, name = self._db.service, event.event_name
        begun = perf_counter()
        with (
            context.entered(origin) if origin else nullcontext(),
            tracing.spanned("CONSUMER", f"handle {name}", {"handler": consumer.name}, service),
        ):
            async with asyncio.timeout(self._deadline):
                await consumer.handle(session, event)
        seconds = metrics.EVENT_SECONDS.labels(service, name, consumer.name)
        seconds.observe(perf_counter() - begun)

    async def _fail(self, row: _Due, error: Exception) -> None:
        text_ = f"{type(error).__name__}: {error}"[:2000].replace("\0", "")
        values = {"message_id": row.message_id, "handler": row.handler, "attempts": row.attempts}
        async with self._db.write() as session:
            failed = await session.run(_FAIL, **values, **self._retry, error=text_)
        state = failed[0][0] if failed else None
        name = self._consumers[row.handler].event.event_name
        metrics.EVENT_FAILURES.labels(self._db.service, name, row.handler, str(state)).inc()
        level = logging.ERROR if state == "dead" else logging.WARNING
        origin = origin_of(row.body)
        with context.entered(origin) if origin else nullcontext():
            log.log(
                level,
                "%s of %s: attempt %d failed, %s",
                row.handler,
                row.message_id,
                row.attempts + 1,
                state,
                exc_info=error,
            )

    async def pending(self) -> int:
        """Return how many rows are due and not yet done."""
        [(count,)] = await self._db.rows.read(_PENDING, handlers=[*self._consumers])
        return int(count)

    async def hasten(self) -> None:
        """Make every retry due now."""
        async with self._db.write() as session:
            await session.run(_HASTEN)


async def _insert(
    session: WriteSession, wanted: Wanted, waiting: Callable[[Consumer], bool]
) -> set[tuple[UUID, str]]:
    """Insert rows that wait with their bodies, or are done; return which were not there yet."""
    rows = [_row(message, consumer, waiting=waiting(consumer)) for message, consumer in wanted]
    return {*await session.run(_ACCEPT, rows=orjson.dumps(rows).decode())}


def _row(message: Message, consumer: Consumer, *, waiting: bool) -> dict[str, Any]:
    body = message.body.decode() if waiting else None
    return {
        "message_id": message.id,
        "handler": consumer.name,
        "name": message.name,
        "body": body,
    }


async def _take(session: WriteSession, handlers: list[str], batch: int) -> list[_Due]:
    taken = await session.run(_TAKE, handlers=handlers, batch=batch)
    return sorted(map(_Due._make, taken))
