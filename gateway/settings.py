"""The gateway's knobs."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from libs.common.settings import CommonSettings


class GatewaySettings(CommonSettings):
    """What the gateway reads beside the common settings."""

    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("http://localhost:3000", "http://127.0.0.1:3000"),
        description="Origins whose pages may call the API (CORS), separated by commas; * for all.",
    )
    max_body_bytes: int = Field(1024**2, ge=1, description="Largest body of a request.")
    max_upload_bytes: int = Field(6 * 1024**2, ge=1, description="Largest multipart upload.")
    upstream_timeout_seconds: float = Field(
        30.0, gt=0, description="A service must begin to answer within this time, else 504."
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="Proxies before the gateway, whose X-Forwarded-For is believed; 0: nobody's.",
    )
    rate_limit_scale: float = Field(
        1.0,
        ge=0,
        allow_inf_nan=False,
        description="Multiplies the limits of requests per client address; 0 lifts them.",
    )

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(origin.strip() for origin in value.split(",") if origin.strip())
        return value
