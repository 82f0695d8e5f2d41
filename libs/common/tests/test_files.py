"""References to stored files, and the links that are made of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from libs.common import clock
from libs.common.errors import ValidationError
from libs.common.files import cv_reference, file_url, key_of, new_key, reference_to, seconds_left
from libs.common.settings import CommonSettings

KEY = "cvs/0197c3aa-0000-7000-8000-000000000000/aa.pdf"
OWNER = UUID("0197c3aa-0000-7000-8000-000000000000")
NOON = datetime(2025, 11, 19, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> CommonSettings:
    return CommonSettings(data_dir=tmp_path, port=8123)


def at(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: instant)


def parts_of(url: str | None) -> tuple[str, str, str]:
    """Return key, expiry and signature of a link."""
    assert url is not None
    parts = urlsplit(url)
    query = parse_qs(parts.query, strict_parsing=True)
    assert set(query) == {"expires", "signature"}
    return parts.path.removeprefix("/api/v1/files/"), query["expires"][0], query["signature"][0]


def test_other_addresses_stay_as_they_are(settings: CommonSettings) -> None:
    for address in ("https://a.vn/cv.pdf", "", None):
        assert file_url(settings, address) == address
        assert key_of(address) is None


def test_a_reference_becomes_a_link_that_is_good(settings: CommonSettings) -> None:
    url = file_url(settings, reference_to(KEY))
    assert url.startswith(f"http://localhost:8123/api/v1/files/{KEY}?expires=")
    key, expires, signature = parts_of(url)
    assert key == KEY
    assert 0 < seconds_left(settings, key, expires, signature) <= 1800


@pytest.mark.parametrize("public", ["https://api.example.vn", "https://api.example.vn/"])
def test_the_public_address_is_a_setting(tmp_path: Path, public: str) -> None:
    settings = CommonSettings.model_validate({"data_dir": tmp_path, "public_url": public})
    url = file_url(settings, reference_to(KEY))
    assert url.startswith(f"https://api.example.vn/api/v1/files/{KEY}?")


def test_a_link_stays_the_same_a_while_and_lives_one_to_two_quarters(
    settings: CommonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    links, lives = [], []
    for minute in range(46):
        at(monkeypatch, NOON + timedelta(minutes=minute, seconds=1))
        url = file_url(settings, reference_to(KEY))
        links.append(url)
        lives.append(seconds_left(settings, *parts_of(url)))
    assert len(set(links)) == 4
    assert 15 * 60 < min(lives) < max(lives) <= 30 * 60


def test_a_link_dies(settings: CommonSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON)
    link = parts_of(file_url(settings, reference_to(KEY)))
    at(monkeypatch, NOON + timedelta(seconds=1799))
    assert seconds_left(settings, *link) == 1
    for later in (1800, 1801, 10**9):
        at(monkeypatch, NOON + timedelta(seconds=later))
        assert seconds_left(settings, *link) == 0


def test_no_other_link_is_good(settings: CommonSettings, tmp_path: Path) -> None:
    key, expires, signature = parts_of(file_url(settings, reference_to(KEY)))
    forged: list[Any] = [
        (key.replace("aa.pdf", "ab.pdf"), expires, signature),
        (key, str(int(expires) + 900), signature),
        (key, f" {expires}", signature),
        (key, expires, signature[:-1]),
        (key, expires, signature + "="),
        (key, expires, signature.swapcase()),
        (key, expires, ""),
        (key, "", ""),
        (key, "soon", "đ"),
        (f"{key}\n{expires}", "", signature),
    ]
    for link in forged:
        assert seconds_left(settings, *link) == 0, link
    elsewhere = CommonSettings(data_dir=tmp_path / "elsewhere", secret_key=None)
    assert seconds_left(elsewhere, key, expires, signature) == 0


def test_keys_are_not_guessed() -> None:
    one, other = new_key("cvs", OWNER, "pdf"), new_key("cvs", OWNER, "pdf")
    assert one != other
    assert one.startswith(f"cvs/{OWNER}/")
    assert len(one.removeprefix(f"cvs/{OWNER}/").removesuffix(".pdf")) == 32


def test_a_link_that_comes_back_is_the_owners_file_again(settings: CommonSettings) -> None:
    mine, base = new_key("cvs", OWNER, "pdf"), "http://localhost:8123/api/v1/files/"
    assert cv_reference(settings, file_url(settings, reference_to(mine)), OWNER) == f"store:{mine}"
    others = new_key("cvs", UUID(int=1), "pdf")
    for url in (
        file_url(settings, reference_to(others)),
        file_url(settings, reference_to(new_key("avatars", OWNER, "webp"))),
        f"{base}cvs/{OWNER}/../../secret.pdf",
        "http://a.vn/cv.pdf",
    ):
        with pytest.raises(ValidationError) as refused:
            cv_reference(settings, url, OWNER)
        assert "cvUrl" in str(refused.value.details)
    for url in (f"https://elsewhere.vn/api/v1/files/{mine}", "https://a.vn/cv.pdf"):
        assert cv_reference(settings, url, OWNER) == url
