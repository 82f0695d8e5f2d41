"""Pages of lists: `data` stays an array, totals and the next page travel in headers.

A list takes `limit` and `offset`. A feed, which grows while it is read, also takes a `cursor`: the
sort keys of the last row that was read, so that rows which come or go meanwhile move no others.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request
from pydantic import TypeAdapter
from sqlalchemy import Select, SQLColumnExpression

from libs.common.errors import wrong_field
from libs.common.query import pairs_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for, and under which address."""

    limit: int
    offset: int
    url: str
    query: tuple[tuple[str, str], ...]
    after: tuple[Any, ...] | None = None
    """Of a feed: the keys of the row behind which the part begins."""


Limit = Annotated[int, Query(ge=1, le=100, description="Rows a page.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")]


async def window(request: Request, limit: Limit = 20, offset: Offset = 0) -> Window:
    """Read `limit` (1-100, default 20) and `offset` from the query."""
    return Window(limit, offset, request.scope["path"], pairs_of(request))


Paging = Annotated[Window, Depends(window)]


def feed(keys: type[tuple[Any, ...]]) -> Callable[..., Awaitable[Window]]:
    """Return a dependency that reads `limit`, and `offset` or `cursor`, of a feed sorted by `keys`.

    It raises ValidationError (422, field `cursor`) where the cursor holds no such keys, or stands
    beside an offset.
    """
    reader = TypeAdapter(keys)

    async def part(
        asked: Paging,
        cursor: Annotated[
            str | None,
            Query(max_length=200, description="Opaque; found in the `Link` to the next page."),
        ] = None,
    ) -> Window:
        if cursor is None:
            return asked
        if asked.offset:
            raise wrong_field("cursor", "Stands in for an offset, not beside one")
        try:
            return replace(asked, after=reader.validate_json(_decoded(cursor), strict=True))
        except ValueError as error:
            raise wrong_field("cursor", "No cursor of this list") from error

    return part


FeedById = Annotated[Window, Depends(feed(tuple[UUID]))]
"""A part of a feed whose rows are in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list. The message of its route may use `{total}`."""

    items: list[T]
    total: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageIn(Generic[T]):
    """An object of type T that holds a part of a list, with the headers of a list."""

    data: T
    headers: Mapping[str, str]


def page(items: list[T], total: int, asked: Window) -> Page[T]:
    """Make a page with the headers of a list."""
    return Page(items, total, page_headers(total, asked))


def page_headers(total: int, asked: Window) -> dict[str, str]:
    """Return the headers of a page of a list."""
    following = asked.offset + asked.limit
    return _headers(total, asked, ("offset", following) if following < total else None)


def part_of(
    listed: Select[*tuple[Any, ...]],
    asked: Window,
    key: SQLColumnExpression[UUID],
    *,
    newest_first: bool,
) -> Select[*tuple[Any, ...]]:
    """Narrow a feed by id to the part asked for, and one row more: it tells whether any follow."""
    if asked.after is not None:
        [last] = asked.after
        listed = listed.where(key < last if newest_first else key > last)
    order = key.desc() if newest_first else key.asc()
    return listed.order_by(order).limit(asked.limit + 1).offset(asked.offset)


def feed_page(rows: list[T], total: int, asked: Window, key: Callable[[T], UUID]) -> Page[T]:
    """Make a page of the rows that `part_of` found; `key` tells the id of one."""
    shown = rows[: asked.limit]
    last = [key(shown[-1])] if len(rows) > asked.limit else None
    return Page(shown, total, feed_headers(total, asked, last))


def feed_headers(total: int, asked: Window, last: Sequence[Any] | None) -> dict[str, str]:
    """Return the headers of a page of a feed.

    `last` are the keys of its last row, None if no row follows. Who pages by offset stays with it.
    """
    if last is None:
        return _headers(total, asked, None)
    if asked.offset:
        return _headers(total, asked, ("offset", asked.offset + asked.limit))
    return _headers(total, asked, ("cursor", _encoded(last)))


def _headers(total: int, asked: Window, following: tuple[str, Any] | None) -> dict[str, str]:
    """Return `X-Total-Count`, and a `Link` to the following page (RFC 8288) if there is one."""
    headers = {"X-Total-Count": str(total)}
    if following is not None:
        kept = [(k, v) for k, v in asked.query if k not in {"limit", "offset", "cursor"}]
        filters = f"{urlencode(kept)}&" if kept else ""
        name, place = following
        headers["Link"] = f'<{asked.url}?{filters}limit={asked.limit}&{name}={place}>; rel="next"'
    return headers


def _encoded(keys: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


def _decoded(cursor: str) -> bytes:
    return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
