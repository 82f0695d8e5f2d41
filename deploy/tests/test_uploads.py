"""Uploads and the links to them, through the gateway, as a browser has it."""

from io import BytesIO
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from deploy.tests.demo import signed_in
from deploy.tests.systems import System

PDF = b"%PDF-1.4\n" + bytes(4_000_000) + b"%%EOF\n"


@pytest.fixture(scope="module")
def candidate(api: httpx.Client) -> dict[str, str]:
    """The headers of the demo's candidate."""
    return signed_in(api, "Candidate")


def test_a_picture_goes_in_and_comes_out(
    api: httpx.Client, demo: System, candidate: dict[str, str]
) -> None:
    png = BytesIO()
    Image.new("RGB", (800, 800), "red").save(png, "PNG")
    sent = api.post("/api/v1/users/me/avatar", files={"file": png.getvalue()}, headers=candidate)
    assert sent.status_code == 200, sent.text
    url = sent.json()["data"]["avatarUrl"]
    assert urlsplit(url).netloc == f"localhost:{urlsplit(demo.url).port}"
    shown = httpx.get(url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"].startswith("private, max-age=")
    assert Image.open(BytesIO(shown.content)).size == (512, 512)
    head = httpx.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(shown.content))
    assert httpx.get(url + "x").json()["error"]["code"] == "FILE_LINK_INVALID"


def test_a_cv_larger_than_other_bodies(api: httpx.Client, candidate: dict[str, str]) -> None:
    sent = api.put("/api/v1/candidates/me/cv", files={"file": ("cv.pdf", PDF)}, headers=candidate)
    assert sent.status_code == 200, sent.text
    served = httpx.get(sent.json()["data"]["cvUrl"])
    assert served.content == PDF
    assert served.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [
        ("POST", "/api/v1/users/me/avatar", 3_000_000),
        ("PUT", "/api/v1/candidates/me/cv", 5_500_000),
        ("PUT", "/api/v1/candidates/me/cv", 9_000_000),
    ],
)
def test_what_is_too_large_is_told_so(
    api: httpx.Client, candidate: dict[str, str], method: str, path: str, size: int
) -> None:
    answer = api.request(method, path, files={"file": ("x", bytes(size))}, headers=candidate)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "CONTENT_TOO_LARGE")
