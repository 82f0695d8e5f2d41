"""The identity service's knobs."""

import base64
import binascii
from datetime import timedelta
from functools import cache
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes
from pydantic_settings import BaseSettings, NoDecode

from libs.common.settings import FROM_ENVIRONMENT

LONGEST_ACCESS = timedelta(minutes=1440)
"""Until when a token may be good that was signed under an earlier setting."""


def _keys_in(told: str) -> list[bytes]:
    try:
        keys = [
            base64.b64decode(key.strip(), validate=True) for key in told.split(",") if key.strip()
        ]
    except binascii.Error:
        keys = [b""]
    if any(len(key) != 32 for key in keys):
        raise ValueError("each key is 32 bytes in base64")
    return keys


class AuthSettings(BaseSettings):
    """Lifetimes of tokens, and the keys of what is encrypted at rest."""

    model_config = FROM_ENVIRONMENT

    jwt_access_token_expire_minutes: int = Field(
        15,
        ge=1,
        le=LONGEST_ACCESS // timedelta(minutes=1),
        description="Life of an access token, in minutes.",
    )
    refresh_reuse_grace_seconds: int = Field(
        10,
        ge=0,
        le=60,
        description="How long a spent refresh token gives its successor again; 0 is strict.",
    )
    encryption_keys: Annotated[tuple[SecretBytes, ...], NoDecode, BeforeValidator(_keys_in)] = (
        Field(
            (),
            validate_default=False,
            description="What identity numbers are encrypted with: 32 bytes in base64 each,"
            " separated by commas, the newest first; without it a file in DATA_DIR/keys.",
        )
    )


@cache
def settings() -> AuthSettings:
    """Return the settings, read once."""
    return AuthSettings()
