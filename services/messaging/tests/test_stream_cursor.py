"""The `id` of an event: what is written is read again, and PostgreSQL takes what is read."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.common.ids import NIL, new_id
from services.messaging.queries.stream import PAGE, News
from services.messaging.stream.cursor import LOST, Cursor, read_cursor
from services.messaging.stream.events import told, wanted_in

AT = 1_767_225_600


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(AT, "10:10:"),
        Cursor(AT, "10:20:10,15,19"),
        Cursor(AT, "10:20:10", "12:30:12,13", new_id()),
    ],
)
def test_written_and_read(cursor: Cursor) -> None:
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "1", "1-", "1-2:1:", "1-0:1:", "1-1:5:6", "1-1:5:5", "1-3:9:2", "1-3:9:5,4",
        "1-1:1:,", "1-1:1:-", "1-1:1:-1:1:", "1-1:1:-1:1:-xyz", f"1-1:1:-2:1:-{NIL.hex}",
        "-1-1:1:", "1-1:1:\n", "١-1:1:", "1-9223372036854775808000:9223372036854775808000:",
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_lost(text: str) -> None:
    assert read_cursor(text) == LOST


@given(st.from_regex(r"[0-9]{1,3}:[0-9]{1,3}:([0-9]{1,3}(,[0-9]{1,3}){0,3})?", fullmatch=True))
@example("5:9:5,5,8")
def test_postgresql_takes_what_is_read(database: psycopg.Connection, snapshot: str) -> None:
    if read_cursor(f"1-{snapshot}") is not LOST:
        database.execute("SELECT %s::pg_snapshot", [snapshot])


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def one(count: int) -> News:
    return News("20:20:", [("message", new_id()) for _ in range(count)])


def ids_in(events: bytes) -> list[str]:
    return [line[4:].decode() for line in events.split(b"\n") if line.startswith(b"id: ")]


@pytest.mark.parametrize("count", [1, 2, PAGE - 1, PAGE])
def test_each_event_has_a_place_of_its_own(count: int) -> None:
    """Only the last of all stands for everything that was seen."""
    last, news = Cursor(AT - 5, "10:10:"), one(count)
    written = {wanted_in("vi", *item): b"{}" for item in news.items}
    events, cursor, more = told(last, news, AT, written, "vi")
    places = [read_cursor(each) for each in ids_in(events)]
    assert len(set(places)) == count
    assert places[-1] == cursor
    assert more == (count == PAGE)
    between = places if more else places[:-1]
    assert [(place.seen, place.upto) for place in between] == [("10:10:", "20:20:")] * len(between)
    assert [place.after for place in between] == [item_id for _, item_id in news.items][
        : len(between)
    ]
    assert more or cursor == Cursor(AT, "20:20:")


def test_the_end_of_what_was_begun_is_followed_by_another_look() -> None:
    begun = Cursor(AT - 5, "10:10:", "15:15:", new_id())
    assert told(begun, one(0), AT, {}, "vi") == (b"", Cursor(AT - 5, "15:15:"), True)
