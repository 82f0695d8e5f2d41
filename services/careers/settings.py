"""The careers service's knobs."""

from functools import cache
from typing import Annotated

import httpx
from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from libs.common.settings import FROM_ENVIRONMENT
from libs.common.urls import WebUrl
from services.careers.etl.shape import Mode


def _private(url: str) -> str:
    """Return `url` where credentials may go: over TLS, or not out of this machine."""
    at = httpx.URL(url)
    if at.scheme != "https" and at.host not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("must begin with https://: the credentials travel with every request")
    return url


class CareersSettings(BaseSettings):
    """Where occupations are loaded from, and how O*NET Web Services are reached."""

    model_config = FROM_ENVIRONMENT

    onet_mode: Mode = Field(
        Mode.FILES,
        description="Where `waymark careers etl` gets the occupations from: MNM, ONLINE, HYBRID or"
        " FILES.",
    )
    onet_api_key: SecretStr | None = Field(
        None, description="Key of O*NET Web Services v2.0: for every mode but FILES."
    )
    onet_username: str | None = Field(
        None, description="User of O*NET Web Services v1.9: instead of a key, where one has it."
    )
    onet_password: SecretStr | None = Field(None, description="The password of that user.")
    onet_base_url: Annotated[WebUrl, AfterValidator(_private)] | None = Field(
        None, description="Where O*NET Web Services are; by default the public ones."
    )
    onet_requests_per_second: float = Field(
        4, gt=0, le=1000, description="How fast they are read; they suspend whoever exceeds 5."
    )

    @field_validator("onet_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value().strip() if value else ""
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ValueError("is no key: it has blanks or strange letters")
        return SecretStr(key) if key else None


@cache
def settings() -> CareersSettings:
    """Return the settings, read once."""
    return CareersSettings()
