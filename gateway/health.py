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
    asked: set[asyncio.Task[bool]] = set()  # a task that nobody holds may be collected

    async def live(request: Request) -> Response:
        return _json({"status": "live"}, 200)

    async def ready(request: Request) -> Response:
        tasks = {name: asyncio.create_task(_is_ready(app)) for name, app in apps.items()}
        for task in tasks.values():
            asked.add(task)
            task.add_done_callback(asked.discard)
        try:
            done, _ = await asyncio.wait(tasks.values(), timeout=DEADLINE)
        finally:
            for task in tasks.values():
                task.cancel()  # those that are late unwind in their own time
        services = {
            name: "ready" if task in done and task.result() else "unavailable"
            for name, task in tasks.items()
        }
        all_ready = set(services.values()) <= {"ready"}
        status = "ready" if all_ready else "degraded"
        return _json({"status": status, "services": services}, 200 if all_ready else 503)

    return {"/health/live": live, "/health/ready": ready}


async def _is_ready(app: AsgiApp) -> bool:
    try:
        return (await call(app, "GET", "/health/ready")).status == 200
    except Exception:  # whatever it is, the service does not answer
        return False


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
