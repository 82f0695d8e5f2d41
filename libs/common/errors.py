"""The error family: a class is a status and a stable code, and may stand for a constraint.

`class AlreadyApplied(Conflict, constraint="applications.uq_applications_live")` answers 409
`ALREADY_APPLIED`, whether a command raises it or the database does. With `code=` it has another's
code, and words of its own.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from libs.common.i18n import say_problem

CONSTRAINTS: dict[str, type["ApiError"]] = {}
"""`schema.constraint_name` -> the error that a violation of it means."""


class ApiError(Exception):
    """An answer that is not a success. `details` goes to the client, so nothing secret in it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"
    text: ClassVar[str] = code
    """By which the catalogues have its words: the code, but for one that bears another's."""

    def __init_subclass__(cls, *, constraint: str | None = None, code: str | None = None) -> None:
        cls.text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()
        cls.code = code or cls.text
        if constraint is not None:
            CONSTRAINTS[constraint] = cls

    def __init__(self, details: Any = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(self.code)
        self.details = details
        self.headers = dict(headers or {})


class BadRequest(ApiError):
    """400: the request is wrong in a way that no schema shows."""

    status = 400


class Unauthenticated(ApiError):
    """401: no usable credentials (RFC 6750)."""

    status = 401

    def __init__(self, details: Any = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(details, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class Forbidden(ApiError):
    """403: the caller is known, and may not."""

    status = 403


class NotFound(ApiError):
    """404: nothing there, or nothing that this caller may know of."""

    status = 404


class Conflict(ApiError):
    """409: the state of things does not allow it."""

    status = 409


class ContentTooLarge(ApiError):
    """413: the body is over the limit."""

    status = 413


class Unprocessable(ApiError):
    """422: well formed, but its meaning is refused."""

    status = 422


class TooManyRequests(ApiError):
    """429: over a limit; `Retry-After` says when."""

    status = 429


class Unavailable(ApiError):
    """503: something that is needed is away for now."""

    status = 503

    def __init__(self, details: Any = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(details, headers={"Retry-After": "2", **(headers or {})})


class MethodNotAllowed(ApiError):
    """405: the path is known, the method is not; `Allow` lists those that are."""

    status = 405


class TokenExpired(Unauthenticated):
    """The access token's time is over."""


class TokenInvalid(Unauthenticated):
    """The access token is not one of ours, or was tampered with."""


class MalformedJson(BadRequest):
    """The body is no JSON (RFC 8259)."""


class ValidationError(Unprocessable):
    """Fields are missing, unknown or wrong; `details` lists `{field, message, type}`."""


def wrong_field(field: str, message: str) -> ValidationError:
    """Return the refusal of one field, by its dotted path, for what no schema shows."""
    kind = "value_error"
    return ValidationError([{"field": field, "message": say_problem(kind, message), "type": kind}])


class UnsupportedMediaType(ApiError):
    """415: the body is of a type that this call does not read."""

    status = 415


class ServiceUnavailable(Unavailable):
    """A service, the database or another part is not there."""


class UpstreamTimeout(ApiError):
    """504: a service did not answer within the deadline."""

    status = 504
