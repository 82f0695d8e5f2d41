"""What OpenAPI says of errors."""

from typing import Any

from fastapi import FastAPI
from openapi_spec_validator import validate

from libs.common import errors
from libs.common.envelope import EnvelopeRoute
from libs.common.i18n import Catalogue
from libs.common.openapi import (
    SCHEMAS,
    complete,
    explain,
    openapi_errors,
    rate_limited,
    without_null,
)


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


def test_each_code_has_a_schema_that_tells_its_details() -> None:
    told = {422: openapi_errors(errors.Unprocessable, errors.ValidationError)[422]}
    document: dict[str, Any] = {"paths": {"/": {"get": {"responses": told}}}}
    explain(document, Catalogue())
    kinds = told[422]["content"]["application/json"]["schema"]["anyOf"]
    names = ["Unprocessable", "ValidationError"]
    assert [kind["$ref"] for kind in kinds] == [SCHEMAS + name for name in names]
    schemas = document["components"]["schemas"]
    plain, listed = (schemas[name]["properties"]["error"]["properties"] for name in names)
    assert plain["code"]["const"] == "UNPROCESSABLE"
    assert plain["details"]["anyOf"] == [{"$ref": SCHEMAS + "ErrorDetails"}, {"type": "null"}]
    assert listed["details"]["items"] == {"$ref": SCHEMAS + "FieldProblem"}
    assert schemas["FieldProblem"]["required"] == ["field", "message", "type"]


def test_a_parameter_is_there_or_it_is_not() -> None:
    kind = {"type": "integer", "minimum": 1}
    given = {"name": "n", "schema": {"anyOf": [kind, {"type": "null"}], "description": "How many."}}
    kept = {"name": "m", "schema": {"type": "string"}}
    without_null({"paths": {"/": {"get": {"parameters": [given, kept]}}}})
    assert given["schema"] == kind | {"description": "How many."}
    assert kept["schema"] == {"type": "string"}


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
