"""`Idempotency-Key` (IETF httpapi draft): the same request again gives the first answer again.

An endpoint takes `once: Once` beside its session. The key is written in the transaction of the
effect, so either both are there or neither; a twin that runs at the same time waits for the first.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from sqlalchemy.dialects.postgresql import insert

from libs.common import clock
from libs.common.envelope import Replayed
from libs.common.errors import BadRequest, Unprocessable
from libs.common.i18n import say
from libs.common.identity import SignedIn
from libs.common.kept_answers import TABLE
from libs.common.service import Write
from libs.common.sessions import WriteSession


class IdempotencyKeyReused(Unprocessable):
    """The key was used for another request."""


class IdempotencyKeyInvalid(BadRequest):
    """The key is empty or over 255 characters."""


@dataclass(frozen=True, slots=True)
class FirstTime:
    """A request that bears a new key; the route keeps its answer under it."""

    session: WriteSession
    user_id: UUID
    key: str

    async def keep(self, response: Response) -> None:
        """Store the answer beside the effect."""
        mine = (TABLE.c.user_id == self.user_id) & (TABLE.c.key == self.key)
        kept = {"status": response.status_code, "body": bytes(response.body)}
        await self.session.execute(sa.update(TABLE).where(mine).values(kept))


async def _once(
    request: Request,
    session: Write,
    me: SignedIn,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> FirstTime | None:
    if key is None:
        return None
    key = key.strip().strip('"')
    if not 0 < len(key) <= 255:
        raise IdempotencyKeyInvalid
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    digest = hashlib.sha256(asked).digest()
    first = {"user_id": me.user_id, "key": key, "request_hash": digest, "created_at": clock.now()}
    added = insert(TABLE).values(first).on_conflict_do_nothing().returning(TABLE.c.key)
    if (await session.execute(added)).first() is not None:
        return FirstTime(session, me.user_id, key)
    mine = (TABLE.c.user_id == me.user_id) & (TABLE.c.key == key)
    kept = (await session.execute(sa.select(TABLE).where(mine))).one()
    if kept.request_hash != digest:
        raise IdempotencyKeyReused
    # No endpoint that takes `once` returns `Told` or a page: what is said goes by its name alone.
    message = say(f"messages.{request.scope['endpoint'].__name__}")
    raise Replayed(message, kept.status, kept.body)


Once = Annotated[FirstTime | None, Depends(_once)]
