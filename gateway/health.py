"""Whether the gateway lives, and whether all services behind it can work."""

import asyncio
from collections.abc import Mapping
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.docs import Endpoint
from libs.common.asgi import AsgiApp, call

DEADLINE: Final = 2.0  # seconds


def health_endpoints(apps: Mapping[str, AsgiApp]) -> dict[str, Endpoint]:
    """Return the endpoints by path."""

    async def live(request: Request) -> Response:
        return _json({"status": "live"}, 200)

    async def ready(request: Request) -> Response:
        verdicts = await asyncio.gather(*map(_verdict, apps.values()))
        all_ready = all(verdict == "ready" for verdict in verdicts)
        services = dict(zip(apps, verdicts, strict=True))
        status = "ready" if all_ready else "degraded"
        return _json({"status": status, "services": services}, 200 if all_ready else 503)

    return {"/health/live": live, "/health/ready": ready}


async def _verdict(app: AsgiApp) -> str:
    try:
        async with asyncio.timeout(DEADLINE):
            answer = await call(app, "GET", "/health/ready")
    except Exception:  # whatever it is, the service does not answer
        return "unavailable"
    return "ready" if answer.status == 200 else "unavailable"


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
