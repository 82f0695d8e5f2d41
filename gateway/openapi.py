"""One OpenAPI document out of the services' own."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from gateway.routes import METHODS

Json = dict[str, Any]
REFERENCE = "#/components/schemas/"
SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token. Roles beside a call say whose.",
    },
    # The same token, got by name and password: what fills in the "Authorize" box of /docs.
    "password": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "/api/v1/auth/login/form", "scopes": {}}},
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
        "info": {"title": "Waymark", "version": version("waymark")},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in documents],
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
    return merged


def _tagged(key: str, operation: Any, service: str) -> Any:
    if key not in METHODS:
        return operation
    tagged = {**operation, "tags": [service]}
    if operation.get("security"):
        tagged["security"] = [*operation["security"], {"password": []}]
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
    """Copy a part of a document, with its references following `names`."""
    if isinstance(part, dict):
        return {key: _renamed(value, names) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(value, names) for value in part]
    if isinstance(part, str) and part.startswith(REFERENCE):
        name = part.removeprefix(REFERENCE)
        return REFERENCE + names.get(name, name)
    return part
