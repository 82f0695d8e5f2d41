"""A session that ends, as callers of the running gateway see it."""

import asyncio
from time import monotonic
from typing import Any
from uuid import uuid4

from asgi_lifespan import LifespanManager

from gateway.app import Upstream, create_gateway
from gateway.settings import GatewaySettings
from gateway.tests.conftest import JOBS, echo
from gateway.tests.rig import call, scope
from libs.common.identity import Role, Verifier
from libs.common.testing import jwks, make_token


async def test_its_token_is_refused_within_a_second() -> None:
    session, ended = uuid4(), list[str]()

    async def keys() -> dict[str, Any]:
        return jwks()

    async def revoked(since: str | None) -> dict[str, Any]:
        return {"now": "now", "sessions": list(ended)}

    verifier = Verifier(keys, issuer="waymark", audience="waymark-api", fetch_revoked=revoked)
    settings = GatewaySettings(_env_file=None)
    app = create_gateway({"jobs": Upstream(echo, JOBS)}, verifier, settings, None)
    token = make_token(Role.CANDIDATE, uuid4(), sid=str(session))
    mine = scope(path="/api/v1/mine", headers=[(b"authorization", f"Bearer {token}".encode())])
    async with LifespanManager(app):
        assert (await call(app, mine)).status == 200
        ended.append(str(session))
        begun = monotonic()
        while (client := await call(app, mine)).status == 200:
            assert monotonic() - begun < 1
            await asyncio.sleep(0.01)
    assert client.status == 401
    assert b"TOKEN_INVALID" in client.content
