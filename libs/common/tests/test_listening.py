"""Hearing what PostgreSQL notifies: at once, anew after a cut, and where the other end is mute."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from libs.common import listening as module
from libs.common.db import Database, open_database
from libs.common.listening import listening


@dataclass
class Heard:
    """What was heard, and how often there was a connection anew."""

    payloads: list[str] = field(default_factory=list)
    connections: int = 0

    def connected(self) -> None:
        self.connections += 1


@asynccontextmanager
async def hearing(url: str) -> AsyncIterator[Heard]:
    """Listen to the channel `News`."""
    db: Database = open_database(url, "leaf")
    heard = Heard()
    async with listening(db, "News", heard.payloads.append, heard.connected):
        await until(lambda: heard.connections == 1)
        yield heard
    await db.close()


async def until(condition: Callable[[], bool], within: float = 10.0) -> None:
    end = monotonic() + within
    while not condition():
        assert monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


def notify(url: str, *payloads: str) -> None:
    with psycopg.connect(url) as connection:
        for payload in payloads:
            connection.execute("SELECT pg_notify('News', %s)", [payload])


async def test_what_is_committed_is_heard_in_its_order(leaf_url: str) -> None:
    async with hearing(leaf_url) as heard:
        notify(leaf_url, "one", "two")
        await until(lambda: heard.payloads == ["one", "two"])


async def test_it_connects_anew_and_says_so(leaf_url: str) -> None:
    async with hearing(leaf_url) as heard:
        with psycopg.connect(leaf_url, autocommit=True) as admin:
            killed = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'waymark-leaf'"
            )
            assert killed.fetchall() == [(True,)]
        await until(lambda: heard.connections == 2)
        notify(leaf_url, "after")
        await until(lambda: heard.payloads == ["after"])


async def test_checks_lose_nothing(leaf_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is notified while the connection is asked whether it lives is heard as well."""
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.001)
    numbers = [str(number) for number in range(300)]
    async with hearing(leaf_url) as heard:
        for number in numbers:
            await asyncio.to_thread(notify, leaf_url, number)
        await until(lambda: heard.payloads == numbers)
        assert heard.connections == 1


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """Give a URL that leads to the same PostgreSQL, and what makes its connections mute."""
    mute: set[asyncio.StreamWriter] = set()
    passing: set[asyncio.StreamWriter] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passing.add(writer)
        while data := await reader.read(65536):
            if writer not in mute:
                writer.write(data)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder = parse_qs(urlsplit(url).query).get("host")
        if folder:
            socket = str(Path(folder[0]) / ".s.PGSQL.5432")
            there, back = await asyncio.open_unix_connection(socket)
        else:
            parts = urlsplit(url)
            there, back = await asyncio.open_connection(parts.hostname, parts.port or 5432)
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    try:
        yield f"postgresql://{user}@127.0.0.1:{port}{parts.path}", lambda: mute.update(passing)
    finally:
        server.close()
        for writer in passing:
            writer.close()


async def test_a_mute_connection_is_given_up(
    leaf_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(module, "CHECKED_WITHIN", 0.2)
    async with relay(leaf_url) as (url, silence), hearing(url) as heard:
        silence()
        await until(lambda: heard.connections == 2, within=20)
        notify(leaf_url, "after")
        await until(lambda: heard.payloads == ["after"])
