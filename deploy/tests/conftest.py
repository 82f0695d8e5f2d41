"""Fixtures of the tests from outside."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.tests.systems import System, one_process


@pytest.fixture(scope="session")
def demo() -> Iterator[System]:
    """One running system with demo data, for tests that do not mind each other."""
    with one_process(DEMO_DATA="1") as system:
        yield system


@pytest.fixture(scope="session")
def api(demo: System) -> Iterator[httpx.Client]:
    """Its gateway."""
    with httpx.Client(base_url=demo.url, timeout=40) as client:
        yield client
