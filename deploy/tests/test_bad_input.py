"""Whatever is sent to any call of the API, the answer is a clear error in the envelope, never 500.

The calls are not listed here: they are read from `/openapi.json`, so a new one is tested at once.
"""

import base64
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import orjson
import pytest

from deploy.seed import DEMO_ACCOUNTS
from deploy.tests.demo import signed_in
from libs.common.ids import new_id

WRONG: list[Any] = [
    None, True, -1, 2**31, 2**63, 2**200, 1.5, "", " ", "x" * 20_000, "a\0b", "\u202e", "'; --",
    [], [[]], {}, {"a": {}}, [None], ["x" * 300] * 300,
]  # fmt: skip
TEXTS = ["", "%00", "-1", "99999999999999999999", "x" * 3000, "%ff%fe", "..%2f..", "'%20OR%201=1"]


@pytest.fixture(scope="module")
def operations(api: httpx.Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Every method and path of the API, with its operation object."""
    paths = api.get("/openapi.json").json()["paths"]
    found = [
        (method.upper(), path, operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/api/")
    ]
    assert len(found) >= 25
    return sorted(found, key=lambda one: one[1].endswith("/auth/logout"))  # it ends a walk


@pytest.fixture
def callers(api: httpx.Client) -> list[dict[str, str]]:
    """The headers of a candidate, an employer, an admin."""
    return [signed_in(api, role) for role in DEMO_ACCOUNTS]


def refused(answer: httpx.Response, code: str | None = None) -> None:
    """Hold an answer to being an error in the envelope, and no fault of ours."""
    assert 400 <= answer.status_code < 500, f"{answer.request.method} {answer.url} {answer.text}"
    body = answer.json()
    assert set(body) == {"message", "data", "error"}
    assert body["data"] is None
    assert body["message"]
    assert body["error"]["code"] != body["message"]
    if code is not None:
        assert body["error"]["code"] == code, f"{answer.request.method} {answer.url} {body}"


def no_fault(answer: httpx.Response) -> None:
    """Hold an answer to being no 5xx, and JSON in the envelope unless it is bare by contract."""
    assert answer.status_code < 500, f"{answer.request.method} {answer.url} {answer.text}"
    drawn = answer.is_success and answer.url.path.endswith(".svg")
    if not drawn and not answer.url.path.endswith("/auth/login/form"):
        assert set(answer.json()) == {"message", "data", "error"}


def filled(path: str, value: str | None = None) -> str:
    """Put something where the path has parameters."""
    parts = [(value or str(new_id())) if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def test_unknown_paths(api: httpx.Client) -> None:
    for path in ("/api/v1/nothing", "/api/v2/jobs", "/internal/jobs/1", "/", "/api/v1/jobs/", "//"):
        refused(api.get(path), "NOT_FOUND")


def test_wrong_methods(
    api: httpx.Client, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    allowed: dict[str, set[str]] = {}
    for method, path, _ in operations:
        allowed.setdefault(path, set()).add(method)
    for path, methods in allowed.items():
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - methods:
            answer = api.request(method, filled(path))
            if answer.status_code != 404:  # a sibling such as /jobs/{id} may take the other method
                refused(answer, "METHOD_NOT_ALLOWED")
                assert methods <= set(answer.headers["Allow"].split(", ")), (method, path)


def _forged(**claims: Any) -> str:
    body = {"sub": str(new_id()), "sid": str(new_id()), "role": "Admin", "exp": time.time() + 900}
    return jwt.encode(body | claims, "", algorithm="none")


def test_secured_calls_refuse_whoever_does_not_show_a_good_token(
    api: httpx.Client,
    operations: list[tuple[str, str, dict[str, Any]]],
    callers: list[dict[str, str]],
) -> None:
    good = callers[0]["Authorization"].removeprefix("Bearer ")
    head, claims, signature = good.split(".")
    decoded = orjson.loads(base64.urlsafe_b64decode(claims + "=="))
    raised = base64.urlsafe_b64encode(orjson.dumps({**decoded, "role": "Admin"})).decode()
    bad = {
        "": "UNAUTHENTICATED",
        "Basic YTpi": "UNAUTHENTICATED",
        "Bearer garbage": "TOKEN_INVALID",
        f"Bearer {_forged()}": "TOKEN_INVALID",
        f"Bearer {head}.{raised.rstrip('=')}.{signature}": "TOKEN_INVALID",
        f"Bearer {good[:-4]}AAAA": "TOKEN_INVALID",
    }
    secured = [o for o in operations if o[2].get("security")]
    assert len(secured) >= 12
    for method, path, _ in secured:
        for value, code in bad.items():
            headers = {"Authorization": value} if value else {}
            answer = api.request(method, filled(path), headers=headers)
            refused(answer, code)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_bad_path_and_query_values(
    api: httpx.Client,
    operations: list[tuple[str, str, dict[str, Any]]],
    callers: list[dict[str, str]],
) -> None:
    for method, path, operation in operations:
        if "text/event-stream" in str(operation["responses"]):
            continue  # it takes neither, and answers without end
        names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
        for value in TEXTS:
            query = "&".join(f"{name}={value}" for name in names)
            for headers in callers[:2]:
                target = f"{filled(path, value if value else None)}?{query}"
                no_fault(api.request(method, target, headers=headers))


def _example(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """Make a value that a schema may well accept."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if examples := schema.get("examples"):
        return examples[0]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _example(schema[choice][0], components)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: _example(inner, components) for name, inner in properties.items()}
        case "array":
            return [_example(schema.get("items", {}), components)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return {"email": "a@b.vn", "date": "2099-01-01", "uri": "https://a.vn"}.get(
                schema.get("format", ""), "text"
            )


def _variants(good: Any) -> Iterator[Any]:
    """Yield the body with each of its fields, at any depth, replaced by what does not belong."""
    yield from WRONG
    if isinstance(good, dict):
        yield {**good, "unknownField": 1}
        for name, value in good.items():
            yield {key: kept for key, kept in good.items() if key != name}
            for variant in _variants(value):
                yield {**good, name: variant}
    elif isinstance(good, list) and good:
        for variant in _variants(good[0]):
            yield [variant]


def test_bad_bodies(
    api: httpx.Client,
    operations: list[tuple[str, str, dict[str, Any]]],
    callers: list[dict[str, str]],
) -> None:
    components = api.get("/openapi.json").json()["components"]["schemas"]
    tried = 0
    for method, path, operation in operations:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        good = _example(content["application/json"]["schema"], components)
        allowed = str(operation.get("security"))
        headers = next(
            (c for role, c in zip(DEMO_ACCOUNTS, callers, strict=True) if role in allowed),
            callers[0],
        )
        target = filled(path)
        for body in [*_variants(good), {"unknownField": 1}]:
            if path.endswith("/auth/logout"):  # the last one, which is refused, leaves it open
                headers = signed_in(api, "Admin")
            no_fault(_send(api, method, target, orjson.dumps(_small(body)), headers))
            tried += 1
        refused(_send(api, method, target, b'{"a":', headers), "MALFORMED_JSON")
        refused(_send(api, method, target, b"\xff", headers), "MALFORMED_JSON")
        unknown = _send(api, method, target, b'{"unknownField": 1}', headers)
        refused(unknown, "NOT_FOUND" if unknown.status_code == 404 else "VALIDATION_ERROR")
        refused(_send(api, method, target, b"a=b", headers, "text/plain"), "UNSUPPORTED_MEDIA_TYPE")
        big = b'{"a": "' + b"x" * 2**20 + b'"}'
        refused(_send(api, method, target, big, headers), "CONTENT_TOO_LARGE")
        refused(_send(api, method, target, iter([big]), headers), "CONTENT_TOO_LARGE")
    assert tried > 500


def _small(value: Any) -> Any:
    """Write integers that orjson cannot (over 64 bits) as JSON would have them: as a float."""
    if isinstance(value, dict):
        return {key: _small(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_small(inner) for inner in value]
    return float(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _send(
    api: httpx.Client,
    method: str,
    path: str,
    body: bytes | Iterator[bytes],
    headers: dict[str, str],
    media_type: str = "application/json",
) -> httpx.Response:
    return api.request(method, path, content=body, headers={**headers, "Content-Type": media_type})
