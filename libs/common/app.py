"""The app of a service: FastAPI, by the shortest way to an endpoint and back.

What a service answers takes a third of a millisecond, PostgreSQL included: of that, what FastAPI
puts around an endpoint is most, unless it is left out.
"""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.telemetry import TelemetryConfig
from starlette.routing import BaseRoute, Route

from libs.common.asgi import AsgiApp, Scope
from libs.common.handlers import InContext
from libs.common.i18n import Catalogue

Shape = tuple[str, ...]
_OURS_ALONE: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class EnvelopeApp(FastAPI):
    """An app whose every answer is in the envelope, errors too; `service` is its name in metrics.

    Its routes are complete before it is called first.
    """

    def __init__(self, catalogue: Catalogue, service: str = "", **options: Any) -> None:
        super().__init__(docs_url=None, redoc_url=None, telemetry=_OURS_ALONE, **options)
        self.add_middleware(InContext, catalogue=catalogue, service=service)

    def build_middleware_stack(self) -> AsgiApp:
        """Leave out what FastAPI puts around an app to catch errors: `InContext` does."""
        app: AsgiApp = AsyncExitStackMiddleware(_Shelves(self.router))
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


class _Shelves:
    """Looks for a route among those alike in shape and first word, not among all."""

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        shapes = {_shape(route.path) for route in router.routes if isinstance(route, Route)}
        self._shelves = {
            shape: APIRouter(routes=[r for r in router.routes if _may_be(r, shape)])
            for shape in shapes
        }

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        router = self._shelves.get(_shape(scope.get("path", "")), self._router)
        await router.app(scope, receive, send)


def _may_be(route: BaseRoute, shape: Shape) -> bool:
    return not isinstance(route, Route) or _shape(route.path) == shape


def _shape(path: str) -> Shape:
    """Return the word after `/api/v1/`, and how many parts a path has."""
    parts = path.split("/")
    return (*parts[3:4], str(len(parts)))
