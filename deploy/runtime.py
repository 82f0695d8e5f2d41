"""Makes what the services run on, out of the settings.

What differs between one process and many is here and nowhere else: the transport, where the
other services are, and the database URL.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import orjson
from fastapi.openapi.utils import get_openapi
from obstore.exceptions import BaseError

from deploy.services import HEARD, SERVICES
from deploy.settings import DeploySettings
from gateway.proxy import ReverseProxy
from libs.common.asgi import AsgiApp, call
from libs.common.db import open_database
from libs.common.errors import ServiceUnavailable
from libs.common.identity import Verifier
from libs.common.mail import open_mailer
from libs.common.messaging import LocalTransport, Transport
from libs.common.messaging.rabbit import RabbitTransport
from libs.common.migrations import upgrade
from libs.common.openapi import explain, without_null
from libs.common.peers import Peer
from libs.common.service import Runtime, Service
from libs.common.settings import CommonSettings
from libs.common.storage import Store, StoreRefused, make_bucket, open_store

VERSION = version("waymark")
_REVOCATIONS_WITHIN = 3.0  # seconds

Reach = Callable[[str], AsgiApp]
"""Gives the app under which a service, by name, is reached."""


class NotConfigured(RuntimeError):
    """A setting is missing or wrong; the text says which, and what it is for."""


def open_runtime(
    service: Service,
    database_url: str,
    transport: Transport,
    reach: Reach,
    verifier: Verifier,
    settings: DeploySettings,
) -> Runtime:
    """Make the runtime of one service; nothing is connected before it is used."""
    return Runtime(
        db=open_database(database_url, service.name),
        transport=transport,
        verifier=verifier,
        peers={name: Peer(name, reach(name)) for name in service.peers},
        store=open_storage(settings),
        mailer=open_mailer(secret(settings.smtp_url), settings.data_dir / "mail"),
        settings=settings,
    )


def open_storage(settings: CommonSettings) -> Store:
    """Open the object store: `STORAGE_URL`, else a folder in `DATA_DIR`.

    Raises:
        NotConfigured: there can be no store at that URL.
    """
    try:
        return open_store(
            settings.storage_url or str(settings.data_dir / "files"),
            endpoint=settings.storage_endpoint,
            access_key=settings.storage_access_key,
            secret_key=secret(settings.storage_secret_key),
            region=settings.storage_region,
        )
    except (ValueError, OSError, BaseError) as error:
        raise NotConfigured(f"STORAGE_URL: {str(error).splitlines()[0]}") from error


async def prepare_storage(settings: CommonSettings) -> None:
    """Make the bucket of the object store, if it is not there yet.

    Raises:
        NotConfigured: the store cannot be used as it is configured.
    """
    try:
        await make_bucket(open_storage(settings))
    except (StoreRefused, ServiceUnavailable) as error:
        raise NotConfigured(f"STORAGE_URL: the store {error or 'does not answer'}") from error


def open_verifier(auth: AsgiApp, settings: CommonSettings) -> Verifier:
    """Make a verifier that asks the auth service for its public keys and for ended sessions."""
    peer = Peer("auth", auth)

    async def fetch_jwks() -> dict[str, Any]:
        return await peer.get("/.well-known/jwks.json") or {"keys": []}

    async def fetch_revoked(since: str | None) -> dict[str, Any]:
        query = b"" if since is None else f"since={quote(since, safe='')}".encode()
        try:
            async with asyncio.timeout(_REVOCATIONS_WITHIN):
                answer = await call(auth, "GET", "/internal/revocations", query=query)
        except Exception as error:  # asked twice a second: no place for a peer's log and breaker
            raise ServiceUnavailable({"service": "auth"}) from error
        if answer.status != 200:
            raise ServiceUnavailable({"service": "auth"})
        told: dict[str, Any] = orjson.loads(answer.body)
        return told

    return Verifier(
        fetch_jwks,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        secret=secret(settings.jwt_secret_key) if settings.jwt_algorithm == "HS256" else None,
        fetch_revoked=fetch_revoked,
    )


def open_transport(settings: CommonSettings) -> Transport:
    """Return RabbitMQ where a URL is given, else the transport inside of one process."""
    url = secret(settings.rabbitmq_url)
    return RabbitTransport(url) if url else LocalTransport()


async def declare_all(transport: Transport) -> None:
    """Subscribe every service, so that no event is published before its queue is there."""
    for name, events in HEARD.items():
        await transport.declare(name, events)


def elsewhere(settings: DeploySettings) -> Reach:
    """Return how services are reached that run in other processes."""
    proxies = {name: ReverseProxy(settings.url_of(name)) for name in SERVICES}
    return proxies.__getitem__


def migrate(database_url: str) -> None:
    """Bring every service's schema up to date."""
    for service in SERVICES.values():
        upgrade(database_url, service.name, service.folder)


async def seed_reference(service: Service, runtime: Runtime) -> None:
    """Load the reference data (skills, categories) without which a service is of no use."""
    if service.seed is not None:
        async with runtime.db.write() as session:
            await service.seed(session)


def openapi_of(service: Service) -> dict[str, Any]:
    """Return a service's OpenAPI document, read from its code."""
    about = (import_module(f"services.{service.name}").__doc__ or "").partition("\n")[0]
    routes = service.router.routes
    document = get_openapi(title=service.name, version=VERSION, description=about, routes=routes)
    explain(document, service.catalogue)
    without_null(document)
    return document


def secret(value: Any) -> str | None:
    """Return the text of a secret setting, or None where it is not set."""
    return value.get_secret_value() if value is not None else None
