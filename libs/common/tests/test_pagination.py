"""Pages of feeds: what their cursors hold, which are refused, how a page leads to the next."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import orjson
import pytest
from fastapi import Depends
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime

from libs.common.app import EnvelopeApp
from libs.common.i18n import Catalogue
from libs.common.ids import NIL
from libs.common.pagination import FeedById, Page, Window, feed, feed_headers, feed_page
from libs.common.schemas import Out
from libs.common.service import service_router

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
newest = feed(tuple[AwareDatetime, UUID])
router = service_router("leaves")


class AskedOut(Out):
    after: list[str]


@router.get("/newest")
async def list_newest(asked: Annotated[Window, Depends(newest)]) -> Page[AskedOut]:
    return Page([_told(asked)], 9, feed_headers(9, asked, (NOON, NIL)))


@router.get("/by-id")
async def list_by_id(asked: FeedById) -> Page[AskedOut]:
    return feed_page([_told(asked)] * (asked.limit + 1), 9, asked, lambda _: NIL)


def _told(asked: Window) -> AskedOut:
    return AskedOut(after=[str(key) for key in asked.after or ()])


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    for language in ("vi", "en"):
        words = '[messages]\nlist_newest = ""\nlist_by_id = ""\n'
        (tmp_path / f"{language}.toml").write_text(words, "utf-8")
    app = EnvelopeApp(Catalogue(tmp_path))
    app.include_router(router)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://leaves"
    ) as client:
        yield client


def cursor(keys: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


async def test_the_link_carries_the_last_rows_keys_and_what_else_was_asked(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get("/api/v1/newest?skill=a b&offset=0&limit=2&skill=%C3%A9")
    at = cursor([NOON, NIL])
    link = f'</api/v1/newest?skill=a+b&skill=%C3%A9&limit=2&cursor={at}>; rel="next"'
    assert (first.headers["X-Total-Count"], first.headers["Link"]) == ("9", link)
    assert first.json()["data"] == [{"after": []}]
    second = await client.get(first.links["next"]["url"])
    assert second.json()["data"] == [{"after": [str(NOON), str(NIL)]}]
    assert second.headers["Link"] == link


async def test_who_pages_by_offset_stays_with_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/by-id?offset=4&limit=2")
    assert answer.headers["Link"] == '</api/v1/by-id?limit=2&offset=6>; rel="next"'
    assert len(answer.json()["data"]) == 2


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
async def test_every_key_comes_back_as_it_was(posted_at: datetime, row_id: UUID) -> None:
    asked = Window(20, 0, "/newest", ())
    [link] = httpx.Headers(feed_headers(1, asked, (posted_at, row_id))).get_list("Link")
    back = await newest(asked, httpx.URL(link[1:].partition(">")[0]).params["cursor"])
    assert back.after == (posted_at, row_id)


BAD_CURSORS = [
    *("", "!", "é", "a", "%00", "a%00b", "%ff", "%ED%A0%80", "====", "null", "_" * 8),
    cursor([]),
    cursor({}),
    cursor(None),
    cursor([str(NIL)]),
    cursor([NOON]),
    cursor([NIL, NOON]),
    cursor([NOON, NIL, NIL]),
    cursor([NOON, "\0"]),
    cursor([NOON, 5]),
    cursor([5, NIL]),
    cursor([True, NIL]),
    cursor(["2026-01-01T12:00:00", NIL]),
    cursor(["0000-01-01T00:00:00Z", NIL]),
    cursor(["infinity", NIL]),
    cursor([[NOON], [NIL]]),
    base64.urlsafe_b64encode(b"[" * 120).decode(),
    base64.urlsafe_b64encode(b"9" * 120).decode(),
    base64.urlsafe_b64encode(b'["\xff"]').decode(),
    cursor([NOON, NIL]) + "A" * 200,
    "A" * 20_000,
]


@pytest.mark.parametrize("bad", BAD_CURSORS, ids=range(len(BAD_CURSORS)))
async def test_bad_cursors_are_refused(client: httpx.AsyncClient, bad: str) -> None:
    assert refusal(await client.get(f"/api/v1/newest?cursor={bad}")) == (
        422,
        "VALIDATION_ERROR",
        "cursor",
    )


async def test_a_cursor_stands_beside_no_offset(client: httpx.AsyncClient) -> None:
    path = f"/api/v1/by-id?cursor={cursor([NIL])}&offset="
    assert refusal(await client.get(f"{path}1")) == (422, "VALIDATION_ERROR", "cursor")
    assert (await client.get(f"{path}0")).json()["data"][0] == {"after": [str(NIL)]}


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    [problem] = error["details"]
    return answer.status_code, error["code"], problem["field"]
