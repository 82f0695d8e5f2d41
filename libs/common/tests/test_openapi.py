"""What OpenAPI says of errors."""

from typing import Any

from fastapi import FastAPI
from openapi_spec_validator import validate

from libs.common import errors
from libs.common.envelope import EnvelopeRoute
from libs.common.openapi import complete, openapi_errors, rate_limited


def codes(response: dict[str, Any]) -> list[str]:
    return str(response["description"]).split(", ")


def test_a_route_lists_its_codes_by_status() -> None:
    shown = openapi_errors(errors.NotFound, errors.TokenExpired, errors.TokenInvalid)
    assert codes(shown[401]) == ["TOKEN_EXPIRED", "TOKEN_INVALID"]
    assert list(shown) == [401, 404]
    assert "WWW-Authenticate" in shown[401]["headers"]


def test_what_any_call_may_meet_is_added_and_nothing_is_lost() -> None:
    declared = openapi_errors(errors.Unauthenticated, errors.Unprocessable, errors.NotFound)
    shown = complete(declared, body=True, parameters=False)
    assert sorted(map(int, shown)) == [400, 401, 404, 413, 415, 422, 503, 504]
    assert codes(shown[422]) == ["UNPROCESSABLE", "VALIDATION_ERROR"]
    assert codes(shown[401]) == ["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID"]
    assert sorted(map(int, complete({}, body=False, parameters=False))) == [503, 504]


def test_details_of_a_validation_error_are_described() -> None:
    [shown] = [complete({}, body=False, parameters=True)[422]]
    error = shown["content"]["application/json"]["schema"]["properties"]["error"]
    assert error["properties"]["details"]["items"]["required"] == ["field", "message", "type"]


class _TooOften(errors.TooManyRequests):
    """Another 429 of the same route."""


async def _limited() -> None:
    """Say nothing."""


def test_a_limited_route_says_so_and_what_is_told_to_whom_is_over() -> None:
    app = FastAPI()
    app.router.route_class = EnvelopeRoute
    extra = rate_limited("few", 3, 60)
    app.get("/limited", openapi_extra=extra, responses=openapi_errors(_TooOften))(_limited)
    app.get("/free", responses=openapi_errors(_TooOften))(_limited)
    document = app.openapi()
    validate(document)
    limited, free = (document["paths"][path]["get"] for path in ("/limited", "/free"))
    assert limited["x-rate-limit"] == {"policy": "few", "limit": 3, "seconds": 60}
    assert codes(limited["responses"]["429"]) == ["_TOO_OFTEN", "TOO_MANY_REQUESTS"]
    told = ["Retry-After", "RateLimit-Policy", "RateLimit"]
    assert list(limited["responses"]["429"]["headers"]) == told
    assert codes(free["responses"]["429"]) == ["_TOO_OFTEN"]
    assert list(free["responses"]["429"]["headers"]) == ["Retry-After"]
