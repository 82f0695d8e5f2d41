"""Examines a configuration: what is well, what is not, and what to do about it."""

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from deploy.embedded import running_on
from deploy.observed import opentelemetry
from deploy.runtime import NotConfigured, open_storage, open_transport, secret
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from libs.common.db import open_database
from libs.common.mail import SmtpMailer
from libs.common.messaging import LocalTransport

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    subject: str
    text: str


async def examine(settings: DeploySettings) -> list[Finding]:
    """Look at every setting that can be wrong, and at what it points to."""
    return [
        _data_dir(settings.data_dir),
        _production(settings),
        await asyncio.to_thread(_database, settings.database_url),
        await _broker(settings),
        await _mail(settings.smtp_url),
        await _storage(settings),
        _traces(settings),
        *await _faults(settings),
    ]


def _data_dir(folder: Path) -> Finding:
    existing = next(p for p in [folder.absolute(), *folder.absolute().parents] if p.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return Finding(True, "DATA_DIR", f"{folder} can be written")
    return Finding(False, "DATA_DIR", f"{existing} cannot be written: choose another folder")


def _production(settings: DeploySettings) -> Finding:
    if wanted := settings.unfit_for_production():
        return Finding(False, "ENVIRONMENT", f"production wants {', '.join(wanted)}")
    return Finding(True, "ENVIRONMENT", settings.environment)


def _database(url: SecretStr | None) -> Finding:
    if url is None:
        return Finding(True, "DATABASE_URL", "not set: `waymark up` runs its own PostgreSQL")
    try:
        with psycopg.connect(url.get_secret_value(), connect_timeout=3) as connection:
            schemas = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    except psycopg.Error as error:
        return Finding(False, "DATABASE_URL", f"{error}: is PostgreSQL running, and the URL right?")
    missing = sorted(set(SERVICES) - {name for (name,) in schemas})
    if missing:
        return Finding(False, "DATABASE_URL", f"no schema {', '.join(missing)}: `waymark migrate`")
    return Finding(True, "DATABASE_URL", "connected, and every service has its schema")


async def _faults(settings: DeploySettings) -> list[Finding]:
    """Ask the services what must be mended in what they store, where there is a database to ask."""
    url = secret(settings.database_url) or running_on(settings.data_dir / "postgres")
    found: list[Finding] = []
    for service in SERVICES.values():
        if url is None or service.faults is None:
            continue
        db = open_database(url, service.name)
        try:
            async with db.read() as session:
                faults = await service.faults(session, settings)
            found += [Finding(False, service.name, fault) for fault in faults]
        except DBAPIError:
            log.debug("%s cannot be asked: see DATABASE_URL", service.name, exc_info=True)
        finally:
            await db.close()
    return found


async def _broker(settings: DeploySettings) -> Finding:
    transport = open_transport(settings)
    if isinstance(transport, LocalTransport):
        text = "not set: events stay in the one process of `waymark up`"
        return Finding(True, "RABBITMQ_URL", text)
    try:
        if await transport.ready():
            return Finding(True, "RABBITMQ_URL", "connected")
        return Finding(False, "RABBITMQ_URL", "no answer: is RabbitMQ running, and the URL right?")
    finally:
        await transport.close()


async def _mail(url: SecretStr | None) -> Finding:
    if url is None:
        return Finding(True, "SMTP_URL", "not set: each mail is a file in DATA_DIR/mail")
    try:
        await SmtpMailer(url.get_secret_value()).probe()
    except Exception as error:
        return Finding(False, "SMTP_URL", f"{error}: is the mail server there, and the URL right?")
    return Finding(True, "SMTP_URL", "the mail server answers")


def _traces(settings: DeploySettings) -> Finding:
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        return Finding(True, "OTEL_EXPORTER_OTLP_ENDPOINT", "not set: nobody collects traces")
    try:
        opentelemetry()
    except NotConfigured as error:
        return Finding(False, "OTEL_EXPORTER_OTLP_ENDPOINT", str(error))
    return Finding(True, "OTEL_EXPORTER_OTLP_ENDPOINT", f"traces go to {endpoint}")


async def _storage(settings: DeploySettings) -> Finding:
    where = settings.storage_url or str(settings.data_dir / "files")
    try:
        store = open_storage(settings)
        await store.put("doctor/probe", b"well", "text/plain")
        await store.delete("doctor/probe")
    except Exception as error:
        first = str(error).splitlines()[0]
        return Finding(False, "STORAGE_URL", f"{where}: {first}: are URL and keys right?")
    return Finding(True, "STORAGE_URL", f"{where} can be written")
