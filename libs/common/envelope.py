"""The one shape of every JSON answer: `{"message", "data", "error"}`.

`EnvelopeRoute` lets an endpoint return its plain model: it puts the model into the envelope, the
envelope into OpenAPI, and leaves `Response` objects (files, streams, feeds) alone.
"""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, create_model

from libs.common import errors
from libs.common.asgi import Scope
from libs.common.i18n import say
from libs.common.openapi import PAGE_HEADERS, RATE_LIMIT, complete, with_headers
from libs.common.pagination import Page, PageIn
from libs.common.uploads import media_type_of

T = TypeVar("T")
JSON = "application/json"


@functools.cache
def envelope(data: Any) -> type[BaseModel]:
    """Return a success as OpenAPI shows it: of `list[JobOut]` it is named `JobOutListEnvelope`."""
    fields: dict[str, Any] = {"message": (str, ...), "data": (data, ...), "error": (None, ...)}
    return create_model(f"{_name(data)}Envelope", **fields)


def _name(kind: Any) -> str:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is list:
        return f"{_name(arguments[0])}List"
    if arguments:
        return "Or".join(map(_name, arguments))
    name = str(getattr(kind, "__name__", kind))
    return name[:1].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class SqlJson(Generic[T]):
    """Data of type T that PostgreSQL already built as JSON: passed through as bytes.

    The contract tests hold the bytes to T's schema.
    """

    data: bytes
    headers: Mapping[str, str] | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """Data together with the key of what is said of it, where one route may say several things."""

    message: str
    data: T


def success(
    message: str, data: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Build the answer around `data`, which is JSON already."""
    body = b'{"message":%b,"data":%b,"error":null}' % (orjson.dumps(message), data)
    return Response(body, status, headers, JSON)


def failure(error: errors.ApiError) -> Response:
    """Build the answer of an error, in the caller's language."""
    body = {
        "message": say(f"errors.{error.text}"),
        "data": None,
        "error": {"code": error.code, "details": error.details},
    }
    return Response(orjson.dumps(body), error.status, error.headers, media_type=JSON)


class Replayed(Exception):
    """Ends a request with the answer that an earlier one with the same key got, in his language."""

    def __init__(self, message: str, status: int, body: bytes) -> None:
        super().__init__()
        told = orjson.dumps(orjson.loads(body) | {"message": message})
        self.response = Response(told, status, {"Idempotency-Replayed": "true"}, JSON)


class EnvelopeRoute(APIRoute):
    """A route whose endpoint returns a plain model, a page, a `SqlJson` or a `Told`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        returned = inspect.get_annotations(inspect.unwrap(endpoint), eval_str=True)["return"]
        declared = options.pop("responses", None) or {}
        status = options.get("status_code") or 200
        if not (inspect.isclass(returned) and issubclass(returned, Response)):
            data_type = _data_type(returned)
            options["response_model"] = envelope(data_type)
            endpoint = _enveloped(endpoint, TypeAdapter(data_type), status)
        else:
            options["response_model"] = None
        super().__init__(path, endpoint, responses=declared, **options)
        first, _, rest = inspect.cleandoc(endpoint.__doc__ or "").partition("\n")
        self.summary, self.description = first.rstrip("."), rest.strip()
        if _asks_for_request_only(self.dependant):
            self.app = _answering(self.dependant, self.finished)
        self.responses = complete(
            declared,
            body=self.body_field is not None,
            parameters=bool(
                get_flat_params(self.dependant) or (self.openapi_extra or {}).get("parameters")
            ),
            limited=RATE_LIMIT in (self.openapi_extra or {}),
        )
        if _is_page(returned):
            self.responses[status] = with_headers(self.responses.get(status), PAGE_HEADERS)

    def get_route_handler(self) -> Callable[[Request], typing.Coroutine[Any, Any, Response]]:
        """Refuse a body that is not JSON, or does not say so, before anybody reads it so (415)."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if self.body_field is not None:
                await _check_media_type(request)
            return self.finished(request, await handle(request))

        return checked

    def finished(self, request: Request, response: Response) -> Response:
        """Return what is sent of an answer."""
        return response


async def _check_media_type(request: Request) -> None:
    media_type = media_type_of(request)
    if media_type and media_type != JSON:
        raise errors.UnsupportedMediaType({"accepted": [JSON]})
    # Read here, not by FastAPI, which calls whatever goes wrong meanwhile bad JSON: a body
    # that outgrows the limit, a client who leaves.
    if await request.body() and not media_type:
        raise errors.UnsupportedMediaType({"accepted": [JSON]})


def _asks_for_request_only(dependant: Dependant) -> bool:
    """Tell whether an endpoint depends on nothing but its path and coroutines of the request."""
    plain = {"name", "call", "path", "request_param_name", "scope", "use_cache"}
    plain |= {"own_oauth_scopes", "parent_oauth_scopes"}

    def asks(one: Dependant, *but: str) -> bool:
        names = {part.name for part in fields(one)} - plain - {*but}
        return any(getattr(one, name) for name in names)

    return not asks(dependant, "dependencies", "path_params") and all(
        each.name
        and each.request_param_name
        and inspect.iscoroutinefunction(each.call)
        and not asks(each)
        for each in dependant.dependencies
    )


def _answering(
    dependant: Dependant, finished: Callable[[Request, Response], Response]
) -> Callable[[Scope, Any, Any], typing.Coroutine[Any, Any, None]]:
    """Return what answers as FastAPI would, without looking for all that might be asked: 70 µs."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:
        request, values = Request(scope, receive), dict[str, Any]()
        for field in dependant.path_params:
            value = request.path_params[field.alias]
            values[field.name], problems = field.validate(value, loc=("path", field.alias))
            if problems:
                raise RequestValidationError(problems)
        for each in dependant.dependencies:
            assert each.call
            assert each.name
            assert each.request_param_name
            values[each.name] = await each.call(**{each.request_param_name: request})
        if dependant.request_param_name:
            values[dependant.request_param_name] = request
        assert dependant.call
        response = finished(request, await dependant.call(**values))
        await response(scope, receive, send)

    return answer


def _is_page(returned: Any) -> bool:
    origin: Any = typing.get_origin(returned)
    lists = origin is SqlJson and typing.get_origin(_data_type(returned)) is list
    return lists or origin in {Page, PageIn}


def _data_type(returned: Any) -> Any:
    origin, arguments = typing.get_origin(returned), typing.get_args(returned)
    if origin is Page:
        return list[arguments[0]]  # type: ignore[valid-type]
    if origin in {SqlJson, Told, PageIn}:
        return arguments[0]
    return returned


def _enveloped(
    endpoint: Callable[..., Any], adapter: TypeAdapter[Any], status: int
) -> Callable[..., Any]:
    """Wrap an endpoint so that it answers the whole envelope.

    The answer is built inside the endpoint's call: dependencies of function scope, the commit
    among them, end after it and before anything is sent. An endpoint that takes `once` (see
    `idempotency.py`) has its answer kept in the same transaction.
    """
    key = f"messages.{endpoint.__name__}"

    @functools.wraps(endpoint)
    async def answer(*args: Any, **kwargs: Any) -> Response:
        result = await endpoint(*args, **kwargs)
        match result:
            case Response():
                return result
            case SqlJson(data, headers, total):
                response = success(say(key, total=total), data, status, headers)
            case Page(items, total, headers):
                data = adapter.dump_json(items, by_alias=True)
                response = success(say(key, total=total), data, status, headers)
            case PageIn(held, headers):
                body = adapter.dump_json(held, by_alias=True)
                response = success(say(key), body, status, headers)
            case Told(message, data):
                body = adapter.dump_json(data, by_alias=True)
                response = success(say(f"messages.{message}"), body, status)
            case _:
                body = adapter.dump_json(result, by_alias=True)
                response = success(say(key), body, status)
        if (first := kwargs.get("once")) is not None:
            await first.keep(response)
        return response

    return answer
