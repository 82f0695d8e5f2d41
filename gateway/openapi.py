"""One OpenAPI document out of the services' own, with what all calls share: a guide, examples."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gateway.routes import METHODS

Json = dict[str, Any]
REFERENCE = "#/components/schemas/"
GUIDE = Path(__file__).with_name("guide.md").read_text("utf-8")
EXAMPLES: Mapping[str, Json] = tomllib.loads(
    Path(__file__).with_name("examples.toml").read_text("utf-8")
)
SCHEMES: Json = {
    # What the "Authorize" box of /docs shows first, and fills in: no token to copy.
    "password": {
        "type": "oauth2",
        "description": "Signs in by e-mail address or phone number (`username`) and `password`; "
        "leave the other fields empty.",
        "flows": {"password": {"tokenUrl": "/api/v1/auth/login/form", "scopes": {}}},
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Or the `accessToken` of `POST /auth/login`.",
    },
}


def merge(documents: Mapping[str, Json]) -> Json:
    """Merge the documents of the services, by name.

    A schema that several services define alike is kept once; where they differ, each gets its
    service's name before its own.
    """
    clashing = _clashing(documents)
    merged: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Waymark",
            "version": version("waymark"),
            "description": GUIDE,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [_tag(name, document) for name, document in documents.items()],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": SCHEMES},
    }
    components = merged["components"]
    for service, document in documents.items():
        names = {name: service.capitalize() + name for name in clashing}
        for path, operations in document.get("paths", {}).items():
            tagged = {key: _tagged(key, value, service) for key, value in operations.items()}
            merged["paths"].setdefault(path, {}).update(_renamed(tagged, names))
        for name, schema in _schemas(document).items():
            components["schemas"][names.get(name, name)] = _renamed(schema, names)
    for name, schema in components["schemas"].items():
        _exemplify(name, schema)
    return merged


def _tag(service: str, document: Json) -> Json:
    """Return the heading of a service's calls, with what its document says of it."""
    description = document.get("info", {}).get("description")
    return {"name": service} | ({"description": description} if description else {})


def _exemplify(name: str, schema: Json) -> None:
    """Give a schema the examples of `examples.toml`: as a whole, or for fields that have none."""
    if name in EXAMPLES["bodies"]:
        schema["examples"] = [EXAMPLES["bodies"][name]]
    known = EXAMPLES["fields"] | EXAMPLES.get(name, {})
    for field, shown in schema.get("properties", {}).items():
        if field in known and "$ref" not in str(shown):
            shown.setdefault("examples", [known[field]])


def _tagged(key: str, operation: Any, service: str) -> Any:
    if key not in METHODS:
        return operation
    tagged = {**operation, "tags": [service], "security": []}
    if operation.get("security"):
        tagged["security"] = [*operation["security"], {"password": []}]
        roles = [role for scheme in operation["security"] for role in scheme.get("bearer", [])]
        if roles:
            said = [operation.get("description"), f"For: {', '.join(roles)}."]
            tagged["description"] = "\n\n".join(filter(None, said))
    return tagged


def _schemas(document: Json) -> Json:
    schemas: Json = document.get("components", {}).get("schemas", {})
    return schemas


def _clashing(documents: Mapping[str, Json]) -> set[str]:
    """Return the schema names that mean different things, be it only by what they refer to."""
    definitions: dict[str, list[Any]] = {}
    for document in documents.values():
        for name, schema in _schemas(document).items():
            definitions.setdefault(name, []).append(schema)
    shared = {name: found for name, found in definitions.items() if len(found) > 1}
    clashing = {name for name, found in shared.items() if any(one != found[0] for one in found)}
    while True:
        more = {name for name, found in shared.items() if clashing & set(_references(found[0]))}
        if more <= clashing:
            return clashing
        clashing |= more


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(REFERENCE)
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    """Copy a part of a document, with its references following `names`.

    Titles are left out: they say what the names say, and code generators name types by them.
    """
    if isinstance(part, dict):
        return {
            key: value if key == "examples" and type(value) is list else _renamed(value, names)
            for key, value in part.items()
            if key != "title" or not isinstance(value, str)
        }
    if isinstance(part, list):
        return [_renamed(value, names) for value in part]
    if isinstance(part, str) and part.startswith(REFERENCE):
        name = part.removeprefix(REFERENCE)
        return REFERENCE + names.get(name, name)
    return part
