"""Web addresses: what is one, and in which form it is kept."""

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.common.urls import HttpsUrl, WebUrl, web_url


@pytest.mark.parametrize(
    "url",
    [
        "https://storage.mysite.com/uploads/my-new-cv-2025.pdf",
        "https://techsolutions.com",
        "https://techsolutions.com/",
        "http://localhost:8080/cv?of=me&n=1#page2",
        "https://[::1]/cv.pdf",
        "https://x.com/@me/a:b",
    ],
)
def test_a_normal_form_is_kept_byte_for_byte(url: str) -> None:
    assert web_url(url) == url


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://TechSolutions.COM:443", "https://techsolutions.com"),
        ("https://việc.vn/hồ-sơ", "https://xn--vic-5kz.vn/h%E1%BB%93-s%C6%A1"),
        ("https://x.com/a/../b\\c", "https://x.com/b/c"),
    ],
)
def test_other_spellings_are_kept_in_their_normal_form(written: str, kept: str) -> None:
    assert web_url(written) == kept
    assert web_url(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "techsolutions.com",
        "//techsolutions.com",
        "https:techsolutions.com",
        "javascript:alert(1)",
        "ftp://x.com",
        "https://",
        "https:///x",
        "https://?x",
        "https://:80/",
        "https://.",
        "https://\\x.com",
        "https://x.com:99999/",
        "https://[::1",
        "https://a%2fb/",
        "https://user:pw@x.com",
        "https://user@x.com/",
        "https://@x.com/",
        "https://x.com\\@y.com/",
        "https://x.com/a b",
        "https://x.com/a\nb",
        "https://x.com/a\tb",
        "https://x.com/a\0",
        "https://x.com/a\u00a0b",
        "https://x.com/\u202efdp.vc",
        "https://x.com/\u200b",
        "https://x.com/" + "ệ" * 2000,
    ],
)
def test_what_is_no_web_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|URL"):
        web_url(text)


def test_some_must_be_https() -> None:
    assert TypeAdapter(WebUrl).validate_python("http://x.com") == "http://x.com"
    assert TypeAdapter(HttpsUrl).validate_python("HTTPS://x.com") == "https://x.com"
    with pytest.raises(ValidationError, match="https://"):
        TypeAdapter(HttpsUrl).validate_python("http://x.com")
