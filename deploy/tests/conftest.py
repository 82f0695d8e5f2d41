"""Fixtures of the tests from outside."""

import os
from collections.abc import Iterator

import httpx
import pytest

from deploy.tests.containers import containers
from deploy.tests.systems import System, one_process


@pytest.fixture(scope="session")
def demo() -> Iterator[System]:
    """One running system with demo data, for tests that do not mind each other.

    One process; with WAYMARK_TEST_OVER=containers what `docker compose up` runs.
    """
    if os.environ.get("WAYMARK_TEST_OVER") == "containers":
        with containers() as stack:
            stack.compose("exec", "-T", "gateway", "python", "-m", "deploy", "seed", "--demo")
            yield stack
        return
    with one_process(DEMO_DATA="1") as system:
        yield system


@pytest.fixture(scope="session")
def api(demo: System) -> Iterator[httpx.Client]:
    """Its gateway."""
    with httpx.Client(base_url=demo.url, timeout=40) as client:
        yield client
