"""The route table: which service answers, and what a path without the method allows."""

from typing import Any

import pytest

from gateway.routes import DuplicateRoute, PathMatched, Route, RouteTable, build_routes

SECURED: dict[str, Any] = {"security": [{"bearer": ["Employer"]}]}
UPLOAD: dict[str, Any] = {"requestBody": {"content": {"multipart/form-data": {}}}}


def table() -> RouteTable:
    return build_routes(
        {
            "jobs": {
                "paths": {
                    "/jobs": {"get": {}, "parameters": []},
                    "/jobs/{id}": {"get": {}, "delete": SECURED},
                    "/jobs/recommended": {"get": SECURED},
                    "/jobs/{id}/apply": {"post": SECURED | UPLOAD},
                }
            },
            "careers": {
                "paths": {
                    "/careers/{code}/tasks": {"get": {"security": [{"bearer": []}, {}]}},
                    "/careers/top/{n}": {"get": {}},
                }
            },
        }
    )


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/jobs", "/jobs"),
        ("HEAD", "/jobs", "/jobs"),
        ("GET", "/jobs/7", "/jobs/{id}"),
        ("HEAD", "/jobs/7", "/jobs/{id}"),
        ("GET", "/jobs/recommended", "/jobs/recommended"),
        ("DELETE", "/jobs/recommended", "/jobs/{id}"),
        ("POST", "/jobs/recommended/apply", "/jobs/{id}/apply"),
        ("GET", "/careers/top/5", "/careers/top/{n}"),
        ("GET", "/careers/top/tasks", "/careers/top/{n}"),
        ("GET", "/careers/15-1252.00/tasks", "/careers/{code}/tasks"),
    ],
)
def test_which_route(method: str, path: str, template: str) -> None:
    found = table().match(method, path)
    assert isinstance(found, Route)
    assert found.template == template
    assert found.service == template.split("/")[1]


@pytest.mark.parametrize("path", ["", "/", "/job", "/jobs/", "/jobs/7/", "/jobs//apply", "jobs"])
def test_no_route(path: str) -> None:
    assert table().match("GET", path) is None


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/jobs", ["GET", "HEAD"]),
        ("PUT", "/jobs/7", ["DELETE", "GET", "HEAD"]),
        ("PUT", "/jobs/recommended", ["DELETE", "GET", "HEAD"]),
        ("GET", "/jobs/7/apply", ["POST"]),
        ("OPTIONS", "/jobs", ["GET", "HEAD"]),
    ],
)
def test_what_is_allowed_instead(method: str, path: str, allow: list[str]) -> None:
    assert table().match(method, path) == PathMatched(allow)


def test_what_a_route_asks_for() -> None:
    routes = table()
    assert routes.match("GET", "/jobs/7") == Route("jobs", "/jobs/{id}")
    apply = Route("jobs", "/jobs/{id}/apply", secured=True, multipart=True)
    assert routes.match("POST", "/jobs/7/apply") == apply
    optional = routes.match("GET", "/careers/1/tasks")
    assert optional == Route("careers", "/careers/{code}/tasks", secured=False)


@pytest.mark.parametrize("other", ["/jobs/{id}", "/jobs/{job_id}"])
def test_two_services_cannot_have_one_route(other: str) -> None:
    one: dict[str, Any] = {"paths": {"/jobs/{id}": {"get": {}}}}
    with pytest.raises(DuplicateRoute, match="claimed by jobs and careers"):
        build_routes({"jobs": one, "careers": {"paths": {other: {"get": {}}}}})
