"""Pages of lists: `data` stays an array, totals and the next page travel in headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for, and under which address."""

    limit: int
    offset: int
    url: str
    query: tuple[tuple[str, str], ...]


def window(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Rows a page.")] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")] = 0,
) -> Window:
    """Read `limit` (1-100, default 20) and `offset` from the query."""
    return Window(limit, offset, request.url.path, tuple(request.query_params.multi_items()))


Paging = Annotated[Window, Depends(window)]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. The message of its route may use `{total}`."""

    items: list[T]
    total: int
    headers: Mapping[str, str] = field(default_factory=dict)


def page(items: list[T], total: int, asked: Window) -> Page[T]:
    """Make a page with the headers of a list."""
    return Page(items, total, page_headers(total, asked))


def page_headers(total: int, asked: Window) -> dict[str, str]:
    """Return `X-Total-Count`, and a `Link` to the next page (RFC 8288) if there is one."""
    headers = {"X-Total-Count": str(total)}
    following = asked.offset + asked.limit
    if following < total:
        headers["Link"] = f'<{_address(asked, following)}>; rel="next"'
    return headers


def _address(asked: Window, offset: int) -> str:
    kept: list[tuple[str, Any]] = [(k, v) for k, v in asked.query if k not in {"limit", "offset"}]
    return f"{asked.url}?{urlencode([*kept, ('limit', asked.limit), ('offset', offset)])}"
