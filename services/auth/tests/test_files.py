"""Stored files as they are served: to whoever has a good link, and harmless."""

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from libs.common.files import file_url, reference_to
from libs.common.identity import Role
from libs.common.testing import Bench
from services.auth.tests.people import activate_all, call, code_of, new_account
from services.auth.tests.uploads import PDF, docx, fetch, picture, stored_files, upload


@pytest.fixture
async def hoang(bench: Bench) -> Any:
    """A candidate."""
    return Role.CANDIDATE, await new_account(bench)


async def shown_cv(bench: Bench, who: Any, data: bytes = PDF) -> str:
    """Upload a CV; return its link."""
    answer = await upload(bench, "PUT", "/candidates/me/cv", who, data)
    url: str = answer.json()["data"]["cvUrl"]
    return url


SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
}


async def test_a_picture_is_shown(bench: Bench, hoang: Any) -> None:
    answer = await upload(bench, "POST", "/users/me/avatar", hoang, picture())
    served = await fetch(bench, answer.json()["data"]["avatarUrl"])
    [key] = stored_files(bench)
    assert served.content == await bench.runtime.store.get(key)
    assert SAFE.items() <= served.headers.items()
    assert served.headers["content-type"] == "image/webp"
    assert served.headers["content-length"] == str(len(served.content))
    assert served.headers["content-disposition"].startswith("inline;")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (PDF, "application/pdf"),
        (docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
async def test_a_document_is_downloaded(
    bench: Bench, hoang: Any, data: bytes, content_type: str
) -> None:
    served = await fetch(bench, await shown_cv(bench, hoang, data))
    assert (served.status_code, served.content) == (200, data)
    assert SAFE.items() <= served.headers.items()
    assert served.headers["content-type"] == content_type
    [key] = stored_files(bench)
    name = key.rpartition("/")[2]
    wanted = f"attachment; filename=\"{name}\"; filename*=UTF-8''file.bin.{name.rpartition('.')[2]}"
    assert served.headers["content-disposition"] == wanted


async def test_it_bears_the_name_that_its_owner_gave_it(bench: Bench, hoang: Any) -> None:
    sent = 'CV "Hồ\r\nsơ"; 100%.pdf'
    path = "/candidates/me/cv"
    shown = (await upload(bench, "PUT", path, hoang, PDF, sent)).json()["data"]["cvUrl"]
    said = (await fetch(bench, shown)).headers["content-disposition"]
    name = said.partition("filename*=UTF-8''")[2]
    assert name.isascii()
    assert not set(name) & set(" \"';,\r\n")
    assert unquote(name).endswith(".pdf")
    await call(bench, "PUT", path, hoang, {"cvUrl": shown, "cvName": "Hồ sơ của tôi"})
    renamed = (await fetch(bench, shown)).headers["content-disposition"]
    assert unquote(renamed).endswith("; filename*=UTF-8''Hồ sơ của tôi.pdf")
    await activate_all(bench)
    seen = await call(bench, "GET", f"/candidates/{hoang[1]}", (Role.EMPLOYER,))
    assert seen.json()["data"]["cvName"] == "Hồ sơ của tôi.pdf"


async def test_it_is_kept_as_long_as_the_link_is_good_and_by_nobody_else(
    bench: Bench, hoang: Any
) -> None:
    served = await fetch(bench, await shown_cv(bench, hoang))
    private, age = served.headers["cache-control"].split(", max-age=")
    assert private == "private"
    assert 15 * 60 < int(age) <= 30 * 60


async def test_other_links_are_refused(bench: Bench, hoang: Any) -> None:
    url = await shown_cv(bench, hoang)
    bare, query = url.split("?")
    expires, signature = query.split("&")
    for wrong in (
        bare,
        f"{bare}?{expires}",
        f"{bare}?{signature}",
        f"{bare}?expires=99999999999&{signature}",
        f"{bare}?expires=&{signature}",
        f"{bare}?expires=%00&signature=%ff",
        f"{url}A",
        url.replace("cvs", "avatars"),
        url.replace(".pdf", ".html"),
        f"{bare}/x?{query}".replace(f"/{hoang[1]}", ""),
    ):
        answer = await fetch(bench, wrong)
        assert (answer.status_code, code_of(answer)) == (403, "FILE_LINK_INVALID"), wrong
    english = await bench.client.get(urlsplit(bare).path, headers={"Accept-Language": "en"})
    assert english.json()["message"].startswith("The link to this file")


async def test_a_file_that_is_gone(bench: Bench, hoang: Any) -> None:
    url = await shown_cv(bench, hoang)
    await bench.runtime.store.delete_all(f"cvs/{hoang[1]}/")
    answer = await fetch(bench, url)
    assert (answer.status_code, code_of(answer)) == (404, "OBJECT_NOT_FOUND")


async def test_a_large_file_comes_whole(bench: Bench) -> None:
    data = PDF * 70_000
    await bench.runtime.store.put("cvs/a/b.pdf", data, "application/pdf")
    url = file_url(bench.runtime.settings, reference_to("cvs/a/b.pdf"))
    assert (await fetch(bench, url)).content == data


def test_the_reference_tells_what_is_sent(bench: Bench) -> None:
    paths = bench.app.openapi()["paths"]
    answers = paths["/api/v1/files/{folder}/{account_id}/{name}"]["get"]["responses"]
    assert set(answers["200"]["content"]) >= {"image/webp", "application/pdf"}
    assert "application/json" not in answers["200"]["content"]
    cv = paths["/api/v1/candidates/me/cv"]["put"]["requestBody"]["content"]
    assert set(cv) == {"application/json", "multipart/form-data"}
    avatar = paths["/api/v1/users/me/avatar"]["post"]["requestBody"]["content"]
    assert set(avatar) == {"multipart/form-data"}
