"""The outbox: to publish is to insert into it; once that is committed, the relay sends it."""

import asyncio
from collections import Counter
from collections.abc import Set

from libs.common import metrics
from libs.common.db import Database
from libs.common.events import Event, Message
from libs.common.messaging.loop import forever
from libs.common.messaging.transport import Transport
from libs.common.sessions import PUBLISHED, WriteSession, write_last

BATCH = 200  # of 1, 20, 100, 200 and 500 the quickest

# Deleted as they are claimed: rolling back is what keeps them when they could not be sent. That
# commit need not reach the disk before the next batch: what a crash brings back is sent again.
_TAKE = """
    WITH batch AS (
        SELECT seq FROM outbox ORDER BY seq LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    DELETE FROM outbox USING batch WHERE outbox.seq = batch.seq
    RETURNING outbox.seq, outbox.id, outbox.name, outbox.body,
        set_config('synchronous_commit', 'off', true)
    """

_ADD = """
    INSERT INTO outbox (id, name, body) SELECT id, name, body
    FROM json_to_recordset(CAST(:rows AS json)) AS row (id uuid, name text, body text)
    """


def publish(session: WriteSession, event: Event) -> None:
    """Say `event` to whoever wants it, if and when this transaction commits."""
    message = Message.of(event)
    row = {"id": message.id, "name": message.name, "body": message.body.decode()}
    write_last(session, _ADD, row)
    session.info.setdefault(PUBLISHED, set()).add(message.name)


class Relay:
    """Moves one service's outbox to the transport; any number may run at once."""

    def __init__(self, db: Database, transport: Transport) -> None:
        self._db = db
        self._transport = transport
        self._woken = asyncio.Event()
        db.on_commit.append(self.wake)

    def wake(self, names: Set[str]) -> None:
        """There are such events to send: at once, but for those that nobody here listens to."""
        if names & self._transport.wanted:
            self._woken.set()

    async def step(self) -> int:
        """Send one batch; return its size. Died before the commit, it is sent again.

        Raises:
            TransportUnavailable: nothing left the outbox.
        """
        async with self._db.write() as session:
            rows = sorted(await session.run(_TAKE, batch=BATCH))
            if rows:
                batch = [Message(id_, name, body.encode()) for _, id_, name, body, _ in rows]
                await self._transport.publish(batch)
        for name, count in Counter(row[2] for row in rows).items():
            metrics.EVENTS_PUBLISHED.labels(self._db.service, name).inc(count)
        return len(rows)

    async def run(self) -> None:
        """Relay for ever, whatever happens to broker and database; ends by cancellation."""
        await forever(f"relay of {self._db.service}", self.step, full=BATCH, woken=self._woken)

    async def pending(self) -> int:
        """Return how many messages still wait to be sent."""
        [(count,)] = await self._db.rows.read("SELECT count(*) FROM outbox")
        return int(count)
