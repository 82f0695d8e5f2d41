"""Settings that every process shares: environment variables, read once, explained here.

A service's own knobs stand in its `settings.py`; `.env.example` lists them all (a test holds it
to the classes).
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CommonSettings(BaseSettings):
    """What every Waymark process reads."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses what is only fit for trying out."
    )
    data_dir: Path = Field(
        Path(".waymark"), description="Keys, mail files, stored files, database."
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
    smtp_url: SecretStr | None = Field(
        None, description="smtp://user:pass@host:port; without it mails are files in DATA_DIR/mail."
    )
    mail_from: str = Field("Waymark <no-reply@waymark.local>", description="Sender of all mail.")
    token_issuer: str = Field("waymark", description="`iss` of access tokens.")
    token_audience: str = Field("waymark-api", description="`aud` of access tokens.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Logging.")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="auto is text on a terminal, JSON elsewhere."
    )
