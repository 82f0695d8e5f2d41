"""One suite over every object store: a folder, and S3 as spoken by a real HTTP server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import obstore
import pytest
from moto.server import ThreadedMotoServer

from libs.common import storage
from libs.common.errors import ServiceUnavailable
from libs.common.storage import (
    CHUNK,
    ObjectNotFound,
    Store,
    StoreRefused,
    make_bucket,
    open_store,
)

PDF = "application/pdf"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The endpoint of an S3 that has one bucket, `files`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with urlopen(Request(f"{endpoint}/files", method="PUT")) as answer:  # noqa: S310
        assert answer.status == 200
    yield endpoint
    server.stop()


def s3_store(endpoint: str, url: str) -> Store:
    return open_store(url, endpoint=endpoint, access_key="test", secret_key="test")


@pytest.fixture(params=["folder", "file url", "s3", "s3 with prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return open_store(str(tmp_path / "new" / "files"))
    if request.param == "file url":
        return open_store((tmp_path / "with blank").as_uri())
    endpoint: str = request.getfixturevalue("s3")
    return s3_store(endpoint, "s3://files" if request.param == "s3" else "s3://files/a/b")


async def test_what_was_put_is_got(store: Store) -> None:
    await store.put("resumes/lan.pdf", b"first", PDF)
    await store.put("resumes/lan.pdf", b"%PDF \x00\xff", PDF)
    assert await store.get("resumes/lan.pdf") == b"%PDF \x00\xff"
    assert await store.size("resumes/lan.pdf") == 7


async def test_an_empty_object_is_an_object(store: Store) -> None:
    await store.put("empty", b"", "text/plain")
    assert await store.get("empty") == b""
    assert await store.size("empty") == 0


async def test_a_large_object_comes_in_pieces(store: Store) -> None:
    data = bytes(range(256)) * 8 * 1024
    await store.put("large", data, PDF)
    pieces = [piece async for piece in await store.stream("large")]
    assert b"".join(pieces) == data
    assert len(pieces) > 1
    assert max(map(len, pieces)) < len(data)
    assert len(data) > 4 * CHUNK


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    for read in (store.get, store.stream, store.size):
        with pytest.raises(ObjectNotFound):
            await read("no/such.pdf")


async def test_deleted_is_gone_and_may_be_deleted_again(store: Store) -> None:
    await store.put("gone.pdf", b"x", PDF)
    await store.put("stays.pdf", b"y", PDF)
    await store.delete("gone.pdf")
    await store.delete("gone.pdf")
    with pytest.raises(ObjectNotFound):
        await store.get("gone.pdf")
    assert await store.get("stays.pdf") == b"y"


async def test_all_of_a_folder_are_deleted_and_nothing_beside_it(store: Store) -> None:
    for key in ("cvs/lan/1.pdf", "cvs/lan/deep/2.pdf", "cvs/lan2/3.pdf", "cvs/lan.pdf", "lan/4"):
        await store.put(key, b"x", PDF)
    await store.delete_all("cvs/lan/")
    await store.delete_all("cvs/lan/")
    for gone in ("cvs/lan/1.pdf", "cvs/lan/deep/2.pdf"):
        with pytest.raises(ObjectNotFound):
            await store.size(gone)
    for stays in ("cvs/lan2/3.pdf", "cvs/lan.pdf", "lan/4"):
        assert await store.size(stays) == 1


async def test_a_folder_of_many_is_deleted_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "BATCH", 3)
    keys = [f"cvs/lan/{number}.pdf" for number in range(10)]
    await asyncio.gather(*(store.put(key, b"x", PDF) for key in keys))
    await store.delete_all("cvs/lan/")
    for key in keys:
        with pytest.raises(ObjectNotFound):
            await store.size(key)


async def test_no_folder_is_all_there_is(store: Store) -> None:
    await store.put("stays", b"x", PDF)
    for folder in ("", "/", ".", "./", "stays", "//", "../cvs/"):
        with pytest.raises(ValueError, match="not a"):
            await store.delete_all(folder)
    assert await store.size("stays") == 1


def test_an_emptied_folder_goes_too(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    asyncio.run(store.put("cvs/lan/1.pdf", b"x", PDF))
    asyncio.run(store.delete_all("cvs/lan/"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "a/../../b", "..", "a/./b", "a//b", "a/", "a\\b", "a\0b", "a b", ".hidden",
     "a\n", "%2e%2e/a", "đơn.pdf", "k" * 513],
)  # fmt: skip
async def test_other_keys_are_refused(store: Store, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        await store.put(key, b"x", PDF)
    for call in (store.get, store.stream, store.size, store.delete):
        with pytest.raises(ValueError, match="not a storage key"):
            await call(key)


async def test_readers_see_the_old_or_the_new_object_never_a_mixture(store: Store) -> None:
    versions = [letter * 300_000 for letter in (b"a", b"b", b"c", b"d")]
    await store.put("page", versions[0], PDF)
    results = await asyncio.gather(
        *(store.put("page", version, PDF) for version in versions),
        *(store.get("page") for _ in range(12)),
    )
    assert {result for result in results if result is not None} <= set(versions)


async def test_the_bucket_knows_the_content_type(s3: str) -> None:
    await s3_store(s3, "s3://files/docs").put("cv.pdf", b"x", PDF)
    found = await obstore.get_async(s3_store(s3, "s3://files").backend, "docs/cv.pdf")
    assert found.attributes["Content-Type"] == PDF


def test_a_folder_holds_plain_files_and_no_scraps(tmp_path: Path) -> None:
    asyncio.run(open_store(str(tmp_path)).put("a/b.txt", b"x", "text/plain"))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b.txt"]
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"x"


async def test_a_store_that_is_away_is_said_to_be() -> None:
    store = s3_store("http://127.0.0.1:9", "s3://files")  # the port of `discard`: nobody is there
    for call in (store.put("a", b"x", PDF), store.size("a"), store.get("a"), store.delete("a")):
        with pytest.raises(ServiceUnavailable):
            await call


def test_other_kinds_of_url_are_refused() -> None:
    with pytest.raises(ValueError, match="ftp"):
        open_store("ftp://host/files")


@pytest.mark.parametrize("url", ["s3://made-anew", "s3://made-anew-too/with/prefix"])
async def test_a_bucket_is_made_where_it_is_missing(s3: str, url: str) -> None:
    store = s3_store(s3, url)
    with pytest.raises(ObjectNotFound):
        await store.get("a")
    await make_bucket(store)
    await store.put("a", b"kept", PDF)
    await make_bucket(store)
    assert await store.get("a") == b"kept"


async def test_a_bucket_that_cannot_be_made_is_said() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreRefused, match="403"):
            await make_bucket(s3_store(f"http://127.0.0.1:{port}", "s3://files"))


async def test_a_folder_needs_no_bucket(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "files"))
    await make_bucket(store)
    await store.put("a", b"kept", PDF)
    assert await store.get("a") == b"kept"
