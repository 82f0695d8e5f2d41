"""The identity service's knobs."""

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AuthSettings(BaseSettings):
    """Lifetimes of tokens."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    jwt_access_token_expire_minutes: int = Field(
        15, ge=1, le=1440, description="Life of an access token, in minutes."
    )
    refresh_reuse_grace_seconds: int = Field(
        10,
        ge=0,
        le=60,
        description="How long a spent refresh token gives its successor again; 0 is strict.",
    )


@cache
def settings() -> AuthSettings:
    """Return the settings, read once."""
    return AuthSettings()
