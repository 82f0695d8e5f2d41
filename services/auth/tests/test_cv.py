"""The default CV as a file; by its address see test_candidates.py."""

import asyncio
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from libs.common.contracts.auth import CandidateUpdated
from libs.common.identity import Role
from libs.common.testing import Bench, BenchOf, signed_in
from services.auth import documents
from services.auth.documents import tidy_name
from services.auth.service import service
from services.auth.tests.people import BINH, code_of, fields_of, new_account
from services.auth.tests.uploads import PDF, docx, fetch, picture, stored_files, upload

PATH = "/candidates/me/cv"
DOCX = docx()


@pytest.fixture
async def hoang(bench: Bench) -> Any:
    """A candidate."""
    return Role.CANDIDATE, await new_account(bench)


async def test_access(bench: Bench) -> None:
    files = {"file": ("cv.pdf", PDF)}
    anonymous = await bench.client.put(f"/api/v1{PATH}", files=files)
    assert (anonymous.status_code, code_of(anonymous)) == (401, "UNAUTHENTICATED")
    for role, wanted in ((Role.EMPLOYER, 403), (Role.ADMIN, 403), (Role.CANDIDATE, 404)):
        answer = await bench.client.put(f"/api/v1{PATH}", files=files, headers=signed_in(role))
        assert answer.status_code == wanted
    assert stored_files(bench) == []


@pytest.mark.parametrize(("data", "kind"), [(PDF, "pdf"), (DOCX, "docx")])
async def test_it_is_kept_shown_and_told(bench: Bench, hoang: Any, data: bytes, kind: str) -> None:
    answer = await upload(bench, "PUT", PATH, hoang, data, f"CV_Hoàng.{kind}")
    body = answer.json()
    assert (answer.status_code, body["message"]) == (200, "Cập nhật CV thành công")
    assert set(body["data"]) == {"candidateId", "cvUrl", "updatedAt"}
    assert body["data"]["candidateId"] == str(hoang[1])
    served = await fetch(bench, body["data"]["cvUrl"])
    assert (served.status_code, served.content) == (200, data)
    [key] = stored_files(bench)
    assert key.startswith(f"cvs/{hoang[1]}/")
    assert key.endswith(f".{kind}")
    [row] = await bench.rows("SELECT cv_url, cv_name FROM candidates")
    assert row == {"cv_url": f"store:{key}", "cv_name": f"CV_Hoàng.{kind}"}
    said = (await bench.published())[-1]
    assert isinstance(said, CandidateUpdated)
    assert (said.cv_url, said.version) == (f"store:{key}", 2)


async def test_the_replaced_one_stays(bench: Bench, hoang: Any) -> None:
    first = (await upload(bench, "PUT", PATH, hoang, PDF)).json()["data"]["cvUrl"]
    await upload(bench, "PUT", PATH, hoang, DOCX)
    by_address = {"cvUrl": "https://a.vn/cv.pdf"}
    await bench.client.put(f"/api/v1{PATH}", json=by_address, headers=signed_in(*hoang))
    await bench.settle()
    assert len(stored_files(bench)) == 2
    assert (await fetch(bench, first)).content == PDF


async def test_two_at_once(bench: Bench, hoang: Any) -> None:
    answers = await asyncio.gather(
        *(upload(bench, "PUT", PATH, hoang, data) for data in (PDF, DOCX, PDF))
    )
    assert [answer.status_code for answer in answers] == [200] * 3
    said = [event for event in await bench.published() if isinstance(event, CandidateUpdated)]
    assert sorted(event.version for event in said) == [1, 2, 3, 4]
    [row] = await bench.rows("SELECT cv_url FROM candidates")
    assert max(said, key=lambda event: event.version).cv_url == row["cv_url"]


async def test_the_content_counts_not_the_name(bench: Bench, hoang: Any) -> None:
    for data, name, kept in (
        (PDF, "cv.docx", "cv.docx.pdf"),
        (DOCX, "cv.exe", "cv.exe.docx"),
        (PDF, "../../x.pdf", "x.pdf"),
    ):
        answer = await upload(bench, "PUT", PATH, hoang, data, name)
        assert answer.status_code == 200
        ending = kept.rpartition(".")[2]
        assert f".{ending}?" in answer.json()["data"]["cvUrl"]
        assert await bench.rows("SELECT cv_name FROM candidates") == [{"cv_name": kept}]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Hồ sơ.PDF", "Hồ sơ.pdf"),
        ("../../x.pdf", "x.pdf"),
        ("C:\\Users\\hoang\\cv.pdf", "cv.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("  a \t\n b .pdf", "a b.pdf"),
        ("a\0\u202efdp.exe\u200b", "afdp.exe.pdf"),
        ("", "cv.pdf"),
        ("..", "cv.pdf"),
        (".pdf", "cv.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("\ud800.pdf", "cv.pdf"),
    ],
)
def test_names_are_tidied(name: str, kept: str) -> None:
    assert tidy_name(name, "pdf") == kept


def zipped(*names: str, method: int = ZIP_DEFLATED, content: bytes = b"x") -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", method) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


DOCM = docx(**{"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"})
OTHERS = {
    "nothing": b"",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "html that says it is pdf": b"<script>1</script>" + PDF,
    "exe that says it is pdf": b"MZ\x90" + PDF,
    "picture": picture(),
    "truncated pdf": PDF[:-7],
    "pdf whose end is long past": PDF + bytes(2000),
    "text": b"%PDF",
    "zip": zipped("a.txt"),
    "spreadsheet": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "jar with the right names": zipped("[Content_Types].xml", "word/document.xml"),
    "document with macros": DOCM,
    "truncated docx": DOCX[:-30],
    "docx after something": b"<script>1</script>" + DOCX,
    "head of a docx": DOCX[:40],
    "broken docx": DOCX.replace(b"PK\x01\x02", b"PK\x01\x03"),
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS.keys())
async def test_other_content_is_refused_whatever_its_name(
    bench: Bench, hoang: Any, data: bytes
) -> None:
    for name in ("cv.pdf", "cv.docx"):
        answer = await upload(bench, "PUT", PATH, hoang, data, name)
        assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert stored_files(bench) == []


async def test_bombs_are_refused_unopened(bench: Bench, hoang: Any) -> None:
    deep = docx(**{"word/media/image.bin": bytes(documents.MAX_UNPACKED)})
    wide = docx(**{f"word/{number}.xml": b"" for number in range(documents.MAX_PARTS)})
    types = docx(**{"[Content_Types].xml": " " * 10_000_000 + "wordprocessingml"})
    for bomb in (deep, wide, types):
        assert len(bomb) < 300_000
        answer = await upload(bench, "PUT", PATH, hoang, bomb)
        assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_pdf_may_begin_with_a_blank_or_a_mark(bench: Bench, hoang: Any) -> None:
    for data in (b"\r\n" + PDF, b"\xef\xbb\xbf" + PDF, PDF + b"\r\n" * 20):
        assert (await upload(bench, "PUT", PATH, hoang, data)).status_code == 200


async def test_over_five_megabytes(bench: Bench, hoang: Any) -> None:
    limit = 5 * 1024 * 1024
    padded = PDF.replace(b"trailer", bytes(limit - len(PDF)) + b"trailer")
    assert len(padded) == limit
    assert (await upload(bench, "PUT", PATH, hoang, padded)).status_code == 200
    for more in (1, 100_000):
        answer = await upload(bench, "PUT", PATH, hoang, padded + b"\n" * more)
        assert (answer.status_code, code_of(answer)) == (413, "CONTENT_TOO_LARGE")
        assert answer.json()["error"]["details"] == {"limit": limit}
    assert len(stored_files(bench)) == 1


async def sent_raw(bench: Bench, who: Any, body: bytes, media_type: str | None) -> tuple[int, str]:
    headers = signed_in(*who) | ({"Content-Type": media_type} if media_type else {})
    answer = await bench.client.put(f"/api/v1{PATH}", content=body, headers=headers)
    return answer.status_code, "" if answer.is_success else code_of(answer)


async def test_bodies_of_either_kind_and_no_other(bench: Bench, hoang: Any) -> None:
    good = b'{"cvUrl": "https://a.vn/cv.pdf"}'
    assert await sent_raw(bench, hoang, good, "application/json; charset=utf-8") == (200, "")
    assert await sent_raw(bench, hoang, good, None) == (415, "UNSUPPORTED_MEDIA_TYPE")
    for body in (b"", b"{", b"\xff", b"[" * 60_000):
        bad_json = await sent_raw(bench, hoang, body, "application/json")
        assert bad_json == (400, "MALFORMED_JSON")
    for body in (b"[]", b"null", b"{}", b'{"cvUrl": 5}', b'{"cv_url": "https://a.vn"}'):
        invalid = await sent_raw(bench, hoang, body, "application/json")
        assert invalid == (422, "VALIDATION_ERROR")
    large = b'{"cvUrl": "' + b"x" * 70_000 + b'"}'
    assert await sent_raw(bench, hoang, large, "application/json") == (413, "CONTENT_TOO_LARGE")
    for media_type in ("application/pdf", "text/plain", "application/x-www-form-urlencoded"):
        other = await sent_raw(bench, hoang, PDF, media_type)
        assert other == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_what_is_wrong_with_json_is_told_as_elsewhere(bench: Bench, hoang: Any) -> None:
    answer = await bench.client.put(
        f"/api/v1{PATH}", json={"cvUrl": "a", "more": 1}, headers=signed_in(*hoang)
    )
    details = answer.json()["error"]["details"]
    assert {(one["field"], one["type"]) for one in details} == {
        ("cvUrl", "value_error"),
        ("more", "extra_forbidden"),
    }


@pytest.mark.parametrize("public", ["https://api.example.vn", None])
async def test_a_link_that_comes_back_is_the_file_again(
    bench_of: BenchOf, monkeypatch: pytest.MonkeyPatch, public: str | None
) -> None:
    if public:
        monkeypatch.setenv("PUBLIC_URL", public)
    bench = await bench_of(service)
    hoang = Role.CANDIDATE, await new_account(bench)
    shown = (await upload(bench, "PUT", PATH, hoang, PDF)).json()["data"]["cvUrl"]
    assert shown.startswith(f"{public or 'http://localhost:8000'}/api/v1/files/cvs/")
    answer = await bench.client.put(
        f"/api/v1{PATH}", json={"cvUrl": shown}, headers=signed_in(*hoang)
    )
    assert answer.json()["data"]["cvUrl"] == shown
    [key] = stored_files(bench)
    kept = {"cv_url": f"store:{key}", "cv_name": "file.bin.pdf"}
    assert await bench.rows("SELECT cv_url, cv_name FROM candidates") == [kept]


async def test_links_to_anything_else_are_addresses(bench: Bench, hoang: Any) -> None:
    other = Role.CANDIDATE, await new_account(bench, **BINH)
    shown = (await upload(bench, "PUT", PATH, other, PDF)).json()["data"]["cvUrl"]
    gone = shown.replace(str(other[1]), str(hoang[1]))
    for url in (shown, gone, "http://a.vn/cv.pdf"):
        answer = await bench.client.put(
            f"/api/v1{PATH}", json={"cvUrl": url}, headers=signed_in(*hoang)
        )
        assert fields_of(answer) == ["cvUrl"]
    unnamed = {"cvUrl": "https://a.vn/cv.pdf", "cvName": "a\u202eb"}
    answer = await bench.client.put(f"/api/v1{PATH}", json=unnamed, headers=signed_in(*hoang))
    assert fields_of(answer) == ["cvName"]
