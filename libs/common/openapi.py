"""What OpenAPI says of answers that are no success: codes by status, and the headers that come.

A route declares the errors of its own, `responses=openapi_errors(JobClosed, NotFound)`; those that
every call of its kind may meet are added by `complete`. `explain` adds to the whole document what
each code means, and a schema of each: a generated client has one type for it, wherever it comes.
"""

from collections.abc import Iterable
from typing import Any

from libs.common import errors
from libs.common.context import Context, entered
from libs.common.i18n import Catalogue

Responses = dict[int | str, dict[str, Any]]
SCHEMAS = "#/components/schemas/"
_CODES = "x-codes"
RATE_LIMIT = "x-rate-limit"
"""The extension of an operation that says how often one client address may call it."""

_SHARED = {
    "FieldProblem": {
        "type": "object",
        "required": ["field", "message", "type"],
        "properties": {
            "field": {"type": "string", "description": "Dotted path; empty for the whole."},
            "message": {"type": "string"},
            "type": {"type": "string", "description": "Stable, such as `missing`."},
        },
    },
    "ErrorDetails": {"type": "object", "additionalProperties": True},
}
_PROBLEMS = {"type": "array", "items": {"$ref": SCHEMAS + "FieldProblem"}}
_DETAILS = {"anyOf": [{"$ref": SCHEMAS + "ErrorDetails"}, {"type": "null"}]}
_HEADERS = {
    401: {"WWW-Authenticate": "`Bearer` (RFC 6750)."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait."},
}
_LIMIT_HEADERS = {
    "RateLimit-Policy": '`"sign-in";q=60;w=60`: so many requests in so many seconds.',
    "RateLimit": '`"sign-in";r=0;t=8`: so many are left; in so many seconds there are more.',
}
PAGE_HEADERS = {
    "X-Total-Count": {"schema": {"type": "integer"}, "description": "Rows of the whole list."},
    "Link": {"schema": {"type": "string"}, "description": 'The next page, rel="next" (RFC 8288).'},
}


def counted_to(most: int) -> dict[str, Any]:
    """Return what is said of the headers of a list whose rows are counted to `most` only."""
    total = {"type": "integer", "maximum": most}
    return PAGE_HEADERS | {
        "X-Total-Count": {
            "schema": total,
            "description": f"Rows of the whole list; of more than {most} so many are counted.",
        },
        "X-Total-Capped": {
            "schema": {"type": "string", "enum": ["true"]},
            "description": "Present where there may be more rows than are counted.",
        },
    }


def openapi_errors(*classes: type[errors.ApiError]) -> Responses:
    """Return a route's `responses=` for the errors of its own."""
    codes: dict[int, list[str]] = {}
    for cls in classes:
        codes.setdefault(cls.status, []).append(cls.code)
    return {status: _response(status, codes[status]) for status in sorted(codes)}


def with_headers(response: dict[str, Any] | None, headers: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of an answer, if anything is, with more headers."""
    said = response or {}
    return said | {"headers": headers | said.get("headers", {})}


def rate_limited(policy: str, limit: int, seconds: int) -> dict[str, Any]:
    """Return a route's `openapi_extra=` that lets each client address call it so often.

    The gateway reads it from the OpenAPI document and keeps it. Routes that name the same policy
    share one count, and must agree on its numbers.
    """
    return {RATE_LIMIT: {"policy": policy, "limit": limit, "seconds": seconds}}


def complete(
    declared: Responses, *, body: bool, parameters: bool, limited: bool = False
) -> Responses:
    """Add what any call of this kind may be answered to what its route declares.

    Args:
        declared: the route's own.
        body: whether it reads a JSON body.
        parameters: whether it reads anything from path, query or headers.
        limited: whether it is `rate_limited`.
    """
    implied: list[type[errors.ApiError]] = [errors.ServiceUnavailable, errors.UpstreamTimeout]
    if body:
        implied += [errors.MalformedJson, errors.UnsupportedMediaType, errors.ContentTooLarge]
    if body or parameters:
        implied.append(errors.ValidationError)
    if limited:
        implied.append(errors.TooManyRequests)
    if errors.Unauthenticated.code in _codes(declared.get(401)):
        implied += [errors.TokenExpired, errors.TokenInvalid]
    completed = dict(declared)
    for cls in implied:
        codes = _codes(completed.get(cls.status))
        if cls.code not in codes:
            completed[cls.status] = _response(cls.status, [*codes, cls.code])
    return completed


def explain(document: dict[str, Any], catalogue: Catalogue) -> None:
    """Add to the errors of an OpenAPI document what their codes mean: schema, and text in English.

    The schema of `EMAIL_TAKEN` is `EmailTaken`.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= _SHARED
    operations = [each for item in document["paths"].values() for each in item.values()]
    with entered(Context("", "", "en")):
        for response in [each for one in operations for each in one["responses"].values()]:
            if codes := response.pop(_CODES, []):
                told = [f"`{code}`: {catalogue.say(f'errors.{code}')}" for code in codes]
                response["description"] = "\n\n".join(told)
                names = {code: code.title().replace("_", "") for code in codes}
                schemas |= {name: _failure(code) for code, name in names.items()}
                kinds = [{"$ref": SCHEMAS + name} for name in names.values()]
                schema = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
                response["content"] = {"application/json": {"schema": schema}}


def without_null(document: dict[str, Any]) -> None:
    """Say of no parameter of an OpenAPI document that it may be null: it is there, or it is not."""
    operations = [each for item in document["paths"].values() for each in item.values()]
    for parameter in [each for one in operations for each in one.get("parameters", [])]:
        schema = parameter["schema"]
        kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
        parameter["schema"] = {
            key: value for kind in [*kinds, schema] for key, value in kind.items()
        }


def _codes(response: dict[str, Any] | None) -> list[str]:
    """Return the codes of an answer: none of a success, and of what is not in the envelope."""
    codes: list[str] = (response or {}).get(_CODES, [])
    return codes


def _failure(code: str) -> dict[str, Any]:
    """Return the schema of an error in the envelope."""
    error = {
        "type": "object",
        "required": ["code", "details"],
        "properties": {
            "code": {"type": "string", "const": code},
            "details": _PROBLEMS if code == errors.ValidationError.code else _DETAILS,
        },
    }
    return {
        "type": "object",
        "required": ["message", "data", "error"],
        "properties": {
            "message": {"type": "string"},
            "data": {"type": "null"},
            "error": error,
        },
    }


def _response(status: int, codes: Iterable[str]) -> dict[str, Any]:
    listed = list(codes)
    response: dict[str, Any] = {"description": ", ".join(listed), _CODES: listed}
    headers = dict(_HEADERS.get(status, {}))
    if errors.TooManyRequests.code in listed:
        headers |= _LIMIT_HEADERS
    if headers:
        response["headers"] = {
            name: {"schema": {"type": "string"}, "description": text}
            for name, text in headers.items()
        }
    return response
