"""What OpenAPI says of errors."""

from typing import Any

from libs.common import errors
from libs.common.openapi import complete, openapi_errors


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
