"""Settings that every process shares: environment variables, read once, explained here.

A service's own knobs stand in its `settings.py`; `.env.example` lists them all (a test holds it
to the classes).
"""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.common.urls import WebUrl

LEAST_SECRET_BYTES = 32
"""As long as HS256's own hash (RFC 7518 §3.2)."""
_PUBLISHED = ("change-in-production", "your-super-secret", "your-secret", "change-me", "changeme")
"""What stands in secrets that are known to all: the seed's own, and those of its kind."""


def _sender(text: str) -> str:
    """Return `text` where it is one address that stands in a header as it is (RFC 5322 §3.6.2)."""
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = text
        [address] = mail["From"].addresses
    except ValueError:  # a line break; none, or several
        address = None
    if address is None or not address.domain or mail["From"].defects:
        raise ValueError("must be one address, such as Waymark <no-reply@example.org>")
    return text


def _mail_server(url: SecretStr) -> SecretStr:
    """Return `url` where it names a mail server: a wrong one is told before a mail is due."""
    try:
        parts = urlsplit(url.get_secret_value())
        good = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none
        good = False
    if not good:
        raise ValueError("must be smtp://user:pass@host:port, or smtps://…")
    return url


FROM_ENVIRONMENT = SettingsConfigDict(
    env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
)
"""How every settings class reads. An empty variable counts as none: compose files pass those on."""


class CommonSettings(BaseSettings):
    """What every Waymark process reads."""

    model_config = FROM_ENVIRONMENT

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses what is only fit for trying out."
    )
    data_dir: Path = Field(
        Path(".waymark"), description="Keys, mail files, stored files, database."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="What keys for codes, links and the like come from: at random, 32 bytes or"
        " more; without it a file in DATA_DIR/keys, which all processes must then share.",
    )
    port: int = Field(8000, ge=1, le=65535, description="Port of `waymark up` and the gateway.")
    public_url: WebUrl | None = Field(
        None, description="Where clients reach the API; default http://localhost:PORT."
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL; without it `waymark up` runs its own in DATA_DIR."
    )
    rabbitmq_url: SecretStr | None = Field(
        None, description="RabbitMQ; without it events stay in the one process of `waymark up`."
    )
    storage_url: str | None = Field(
        None, description="Object store: a folder or s3://bucket/prefix; default DATA_DIR/files."
    )
    storage_endpoint: str | None = Field(
        None, description="URL of an S3-compatible store; Amazon's own without it."
    )
    storage_access_key: str | None = Field(None, description="Access key id of the S3 store.")
    storage_secret_key: SecretStr | None = Field(None, description="Its secret.")
    storage_region: str = Field("us-east-1", description="Region of the S3 store.")
    smtp_url: Annotated[SecretStr, AfterValidator(_mail_server)] | None = Field(
        None, description="smtp://user:pass@host:port; without it mails are files in DATA_DIR/mail."
    )
    mail_from: Annotated[str, AfterValidator(_sender)] = Field(
        "Waymark <no-reply@waymark.local>", description="Sender of all mail."
    )
    token_issuer: str = Field("waymark", description="`iss` of access tokens.")
    token_audience: str = Field("waymark-api", description="`aud` of access tokens.")
    jwt_algorithm: Literal["EdDSA", "HS256"] = Field(
        "EdDSA", description="How access tokens are signed; HS256 is by JWT_SECRET_KEY."
    )
    jwt_secret_key: SecretStr | None = Field(
        None,
        validate_default=True,
        description="The secret of HS256, the same in every process: 32 bytes or more.",
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of /metrics, which is then there only; without it each process tells it"
        " on the port of its API.",
    )
    otel_exporter_otlp_endpoint: WebUrl | None = Field(
        None,
        description="OpenTelemetry collector (OTLP/HTTP) that gets traces; needs"
        " waymark[telemetry].",
    )
    otel_traces_sampler_arg: float = Field(
        1.0, ge=0, le=1, description="Share of traces that is kept, where the caller does not say."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Logging.")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="auto is text on a terminal, JSON elsewhere."
    )

    @field_validator("secret_key", "jwt_secret_key")
    @classmethod
    def _is_a_secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            if info.field_name == "jwt_secret_key" and info.data.get("jwt_algorithm") == "HS256":
                raise ValueError("JWT_ALGORITHM=HS256 needs it")
            return None
        secret = value.get_secret_value()
        if any(known in secret.lower().replace("_", "-") for known in _PUBLISHED):
            raise ValueError("this one is published and protects nothing: make one at random")
        if len(secret.encode()) < LEAST_SECRET_BYTES:
            raise ValueError(f"too short: {LEAST_SECRET_BYTES} bytes at least, made at random")
        return value
