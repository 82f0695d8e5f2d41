"""A person's copy of his data, put together of what every service says that it holds."""

import asyncio
from typing import Any

from libs.common import clock
from libs.common.errors import ServiceUnavailable
from libs.common.identity import Identity
from libs.common.peers import Peer
from libs.common.service import Runtime
from services.auth.personal_data import personal_data
from services.auth.schemas.privacy import ExportOut


async def export_of(running: Runtime, me: Identity) -> ExportOut:
    """Return the whole copy; others are asked at once, while no connection is held.

    Raises:
        NotFound: the account is gone.
        ServiceUnavailable: a service is away, and a part is no copy.
    """
    async with running.db.read() as session:
        own = await personal_data.copy_for(session, me.user_id)
    parts = await asyncio.gather(*(_part(peer, me.token) for peer in running.peers.values()))
    others = dict(zip(running.peers, parts, strict=True))
    return ExportOut(exported_at=clock.now(), auth=own, **others)


async def _part(peer: Peer, token: str) -> dict[str, Any]:
    part = await peer.get("/internal/personal-data", token)
    if part is None:
        raise ServiceUnavailable({"service": peer.name})
    told: dict[str, Any] = part
    return told
