"""Every exception becomes an answer in the envelope: the one family of error handlers."""

import logging
import re
from collections.abc import Mapping, MutableMapping
from time import perf_counter
from typing import Any

import psycopg
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from libs.common import errors, metrics, tracing
from libs.common.asgi import AsgiApp
from libs.common.context import (
    Context,
    accept_request_id,
    accept_traceparent,
    entered,
    preferred_language,
)
from libs.common.envelope import Replayed, failure
from libs.common.i18n import Catalogue, say_problem, speaking
from libs.common.query import without_blanks

log = logging.getLogger(__name__)


def as_api_error(exception: BaseException) -> errors.ApiError:
    """Say which error of the family an exception means; `INTERNAL_ERROR` where none is meant."""
    match exception.orig if isinstance(exception, DBAPIError) else exception:
        case errors.ApiError() as known:
            return known
        case RequestValidationError() as refused:
            return _validation(refused)
        case HTTPException() as raised:
            return _http(raised)
        case psycopg.IntegrityError() as cause:
            return _constraint(cause)
        case psycopg.DataError() as cause:
            return errors.ValidationError([_problem("", str(cause), "data_error")])
        case psycopg.OperationalError() | psycopg.InterfaceError() | PoolTimeout() as cause:
            # A deadlock is such an error, too: then it is there, and said so.
            told = getattr(cause, "sqlstate", None) and f"answered {type(cause).__name__}"
            log.warning("the database %s: %s", told or "is away", exception)
            return errors.ServiceUnavailable({"service": "database"})
        case _:
            log.error("unexpected %s", type(exception).__name__, exc_info=exception)
            return errors.ApiError()


def _constraint(cause: psycopg.IntegrityError) -> errors.ApiError:
    name = f"{cause.diag.schema_name}.{cause.diag.constraint_name}"
    known = errors.CONSTRAINTS.get(name)
    if known is not None:
        return known()
    log.error("the constraint %s fired, and no error class stands for it", name)
    return errors.Conflict()


def _validation(exception: RequestValidationError) -> errors.ApiError:
    problems = exception.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return errors.MalformedJson()
    return errors.ValidationError(
        [
            _problem(".".join(map(str, problem["loc"][1:])), _why(problem), problem["type"])
            for problem in problems
        ]
    )


def _why(problem: Mapping[str, Any]) -> str:
    values = {name: _said(value) for name, value in (problem.get("ctx") or {}).items()}
    text = values["error"] if problem["type"] == "value_error" else problem["msg"]
    return say_problem(problem["type"], text, **values)


def _said(value: object) -> str:
    """Write what pydantic tells of a rule: choices without an English `or`, a date as ISO 8601."""
    text = str(value).replace("' or '", "', '")
    return _DATE.sub(lambda found: "-".join(part.zfill(2) for part in found.groups()), text)


_DATE = re.compile(r"datetime\.date\((\d{4}), (\d\d?), (\d\d?)\)")
"""How pydantic-core spells the bound of a date."""


def _problem(field: str, message: str, kind: str) -> dict[str, str]:
    """Describe one wrong field; what a client wrote may hold lone surrogates, which JSON cannot."""
    readable = {"field": field, "message": message, "type": kind}
    return {key: text.encode("utf-8", "replace").decode() for key, text in readable.items()}


_BY_STATUS: dict[int, type[errors.ApiError]] = {
    400: errors.MalformedJson,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.ContentTooLarge,
    415: errors.UnsupportedMediaType,
}


def _http(exception: HTTPException) -> errors.ApiError:
    """Translate what the framework raises: unknown path, wrong method, unreadable body."""
    return _BY_STATUS.get(exception.status_code, errors.ApiError)(headers=exception.headers)


class InContext:
    """ASGI middleware: enters the request's context, and answers what an endpoint raises."""

    def __init__(self, app: AsgiApp, catalogue: Catalogue, service: str = "") -> None:
        self._app = app
        self._catalogue = catalogue
        self._service = service

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        started = False
        scope["query_string"] = without_blanks(scope["query_string"])

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if not started:
                started = True
                route = getattr(scope.get("route"), "path", None)
                answered(self._service, scope, route, message["status"], begun)
            await send(message)

        with entered(request_context(scope)), speaking(self._catalogue):
            try:
                await self._app(scope, receive, watched)
            except ClientDisconnect:
                return
            except Exception as exception:
                if started:
                    raise
                await _answer(exception)(scope, receive, watched)


def _answer(exception: Exception) -> Response:
    if isinstance(exception, Replayed):
        return exception.response
    return failure(as_api_error(exception))


def answered(
    service: str, scope: Mapping[str, Any], route: str | None, status: int, begun: float
) -> None:
    """Count a request whose answer begins, and tell its span; `begun` is by `perf_counter`."""
    metrics.answered(service, scope["method"], route, status, perf_counter() - begun)
    tracing.answered(scope, route, status)


def request_context(scope: MutableMapping[str, Any]) -> Context:
    """Read id, trace and language of a request from its headers, making what is absent."""
    headers = dict(scope["headers"])
    return Context(
        accept_request_id(headers.get(b"x-request-id", b"").decode("latin-1")),
        accept_traceparent(headers.get(b"traceparent", b"").decode("latin-1")),
        preferred_language(headers.get(b"accept-language", b"").decode("latin-1")),
    )
