"""Which service answers a path: read from the services' own OpenAPI documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.rate_limits import RateLimit
from libs.common.openapi import RATE_LIMIT

METHODS = frozenset({"get", "put", "post", "delete", "patch", "options", "head", "trace"})


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of one service."""

    service: str
    template: str
    secured: bool = False
    """Whether the caller must bear a token."""
    multipart: bool = False
    """Whether it takes an upload."""
    limit: RateLimit | None = None
    """How often one client address may call it."""


@dataclass(frozen=True, slots=True)
class PathMatched:
    """The path is known, but not with that method."""

    allow: list[str]


Operations = dict[str, Route]


@dataclass(slots=True)
class _Node:
    """The routes at one place of the tree of path segments, and what is below it."""

    operations: Operations = field(default_factory=dict)
    segments: "dict[str, _Node]" = field(default_factory=dict)
    parameter: "_Node | None" = None


class DuplicateRoute(ValueError):
    """Two services claim the same method and path."""


class RouteTable:
    """All routes: whole paths by dictionary, templates by a tree of segments."""

    def __init__(self) -> None:
        self._static: dict[str, Operations] = {}
        self._root = _Node()

    def add(self, method: str, route: Route) -> None:
        """Add a route; HEAD follows GET.

        Raises:
            DuplicateRoute: it is taken already.
        """
        operations = self._operations_at(route.template)
        taken = operations.setdefault(method, route)
        if taken is not route:
            raise DuplicateRoute(
                f"{method} {route.template} is claimed by {taken.service} and {route.service}"
            )
        if method == "GET":
            operations.setdefault("HEAD", route)

    def match(self, method: str, path: str) -> Route | PathMatched | None:
        """Find the route of a request; a literal segment goes before a parameter.

        Args:
            path: percent-decoded, as in an ASGI scope.
        """
        operations = self._static.get(path)
        if operations is not None and method in operations:
            return operations[method]
        allow = set(operations or ())
        for candidate in _candidates(self._root, path.split("/"), 0):
            if method in candidate:
                return candidate[method]
            allow.update(candidate)
        return PathMatched(sorted(allow)) if allow else None

    def _operations_at(self, template: str) -> Operations:
        if "{" not in template:
            return self._static.setdefault(template, {})
        node = self._root
        for segment in template.split("/"):
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.segments.setdefault(segment, _Node())
        return node.operations


def _candidates(node: _Node, segments: list[str], depth: int) -> Iterator[Operations]:
    if depth == len(segments):
        if node.operations:
            yield node.operations
        return
    segment = segments[depth]
    if segment in node.segments:
        yield from _candidates(node.segments[segment], segments, depth + 1)
    if node.parameter is not None and segment:
        yield from _candidates(node.parameter, segments, depth + 1)


def build_routes(documents: Mapping[str, Mapping[str, Any]]) -> RouteTable:
    """Make the table out of `documents`: the OpenAPI document of each service, by its name.

    Raises:
        DuplicateRoute: two services claim the same method and path.
    """
    table = RouteTable()
    for service, document in documents.items():
        for template, operations in document.get("paths", {}).items():
            for method in METHODS & operations.keys():
                security = operations[method].get("security", document.get("security", []))
                content = operations[method].get("requestBody", {}).get("content", {})
                limit = operations[method].get(RATE_LIMIT)
                route = Route(
                    service,
                    template,
                    secured=bool(security) and {} not in security,
                    multipart="multipart/form-data" in content,
                    limit=RateLimit(**limit) if limit else None,
                )
                table.add(method.upper(), route)
    return table
