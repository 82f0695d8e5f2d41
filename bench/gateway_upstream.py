"""The servers of the gateway's benchmark: a service, fixed bytes, and the gateway itself.

`python -m bench.gateway_upstream (service|fixed|gateway) PORT`.
"""

import base64
import logging
import os
import sys
from time import time
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import jwt
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.server import listen, serve
from gateway.app import Upstream, create_gateway
from gateway.proxy import ReverseProxy
from gateway.settings import GatewaySettings
from libs.common.app import EnvelopeApp
from libs.common.envelope import EnvelopeRoute
from libs.common.i18n import Catalogue
from libs.common.identity import ALGORITHM, SignedIn, Verifier
from libs.common.schemas import Out

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))  # opens nothing but this benchmark
JOBS = "/api/v1/jobs"
FIXED = "/api/v1/fixed"
SECURED: dict[str, Any] = {"security": [{"bearer": []}]}


class Job(Out):
    """A job as a list shows it."""

    job_id: str
    title: str
    company: str
    location: str
    salary: str
    skills: list[str]


EIGHT_JOBS = [
    Job(
        job_id=str(number),
        title="Kỹ sư phần mềm cao cấp (Python)",
        company="Công ty TNHH Ví Dụ",
        location="Hồ Chí Minh",
        salary="1.500 - 2.500 USD",
        skills=["Python", "PostgreSQL", "Docker"],
    )
    for number in range(8)
]


def token() -> str:
    """Return an access token good for an hour."""
    now = int(time())
    claims = {
        "iss": "waymark", "aud": "waymark-api", "sub": str(UUID(int=1)), "sid": str(UUID(int=2)),
        "role": "Candidate", "iat": now, "exp": now + 3600, "jti": "bench",
    }  # fmt: skip
    return jwt.encode(claims, KEY, ALGORITHM, headers={"kid": "bench"})


def verifier() -> Verifier:
    """Return a verifier that holds the benchmark's key."""
    raw = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()

    async def fetch() -> dict[str, Any]:
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": raw, "kid": "bench"}]}

    return Verifier(fetch, issuer="waymark", audience="waymark-api")


def service() -> FastAPI:
    """Make a service: context, bearer, envelope and response model, but no database."""
    router = APIRouter(prefix="/api/v1", route_class=EnvelopeRoute)

    @router.get("/jobs")
    async def jobs(caller: SignedIn) -> list[Job]:
        """Answer about 1.5 KB."""
        return EIGHT_JOBS

    app = EnvelopeApp(Catalogue())
    app.state.runtime = SimpleNamespace(verifier=verifier())
    app.include_router(router)
    return app


BODY = b'{"message":"ok","data":"' + b"x" * 1500 + b'","error":null}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]


async def fixed(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the same bytes to anything."""
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
    await send({"type": "http.response.body", "body": BODY})


def gateway() -> ASGIApp:
    """Make the gateway before both, whose URLs are in SERVICE_URL and FIXED_URL."""
    documents: dict[str, dict[str, Any]] = {
        "service": {"paths": {JOBS: {"get": SECURED}}},
        "fixed": {"paths": {FIXED: {"get": SECURED}}},
    }
    upstreams = {
        name: Upstream(ReverseProxy(os.environ[f"{name.upper()}_URL"]), document)
        for name, document in documents.items()
    }
    return create_gateway(upstreams, verifier(), GatewaySettings(), None)


if __name__ == "__main__":
    apps = {"service": service, "fixed": lambda: fixed, "gateway": gateway}
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(serve(apps[sys.argv[1]](), listen("127.0.0.1", int(sys.argv[2]))))
