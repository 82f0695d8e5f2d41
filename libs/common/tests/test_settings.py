"""Settings: a secret that protects nothing is refused, in words that do not repeat it."""

import pytest
from pydantic import ValidationError

from libs.common.settings import CommonSettings

GOOD = "q3Jv0mZt8yWb5sXc1nRd7fHk2pLg4uTa"


@pytest.mark.parametrize("algorithm", ["EdDSA", "HS256"])
@pytest.mark.parametrize("name", ["jwt_secret_key", "secret_key"])
@pytest.mark.parametrize(
    "secret",
    [
        "",
        GOOD[1:],
        "your-super-secret-jwt-key-here-change-in-production",
        "YOUR_SUPER_SECRET_JWT_KEY_HERE_CHANGE_IN_PRODUCTION",
        "my-jwt-secret-please-changeme-before-you-deploy",
    ],
)
def test_a_short_or_published_secret_is_refused(algorithm: str, name: str, secret: str) -> None:
    good = {"jwt_algorithm": algorithm, "jwt_secret_key": GOOD}
    with pytest.raises(ValidationError, match=rf"(?m)^{name}$") as raised:
        CommonSettings.model_validate(good | {name: secret})
    assert not secret or secret not in str(raised.value)


def test_hs256_needs_a_secret() -> None:
    with pytest.raises(ValidationError, match="JWT_ALGORITHM=HS256 needs it"):
        CommonSettings.model_validate({"jwt_algorithm": "HS256"})
    settings = CommonSettings.model_validate({"jwt_algorithm": "HS256", "jwt_secret_key": GOOD})
    assert settings.jwt_secret_key is not None
    assert settings.jwt_secret_key.get_secret_value() == GOOD
    assert GOOD not in repr(settings)


def test_keys_are_the_default() -> None:
    settings = CommonSettings.model_validate({})
    assert (settings.jwt_algorithm, settings.jwt_secret_key) == ("EdDSA", None)


@pytest.mark.parametrize("sender", ["no-reply@a.vn", "A <a@a.vn>", "Tuyển dụng <no-reply@a.vn>"])
def test_a_sender_is_one_address(sender: str) -> None:
    assert CommonSettings.model_validate({"mail_from": sender}).mail_from == sender


@pytest.mark.parametrize(
    "sender", ["", "Waymark", "a@a.vn, b@b.vn", "a@a.vn\r\nBcc: b@b.vn", "A <a@>", "<a@a.vn"]
)
def test_what_is_no_sender_is_told_before_a_mail_is_due(sender: str) -> None:
    with pytest.raises(ValidationError, match=r"mail_from\n.*must be one address"):
        CommonSettings.model_validate({"mail_from": sender})


@pytest.mark.parametrize("url", ["smtp://mail.a.vn", "smtps://u:p@[::1]:465", "smtp://u:p@a:25/"])
def test_a_mail_server_is_a_url(url: str) -> None:
    smtp_url = CommonSettings.model_validate({"smtp_url": url}).smtp_url
    assert smtp_url is not None
    assert smtp_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url", ["mail.a.vn:25", "http://u:geheim@a.vn", "smtp://", "smtp://:25", "smtp://u:geheim@a:x"]
)
def test_what_is_no_mail_server_is_told_before_a_mail_is_due(url: str) -> None:
    with pytest.raises(ValidationError, match=r"smtp_url\n.*must be smtp://") as raised:
        CommonSettings.model_validate({"smtp_url": url})
    assert "geheim" not in str(raised.value)
