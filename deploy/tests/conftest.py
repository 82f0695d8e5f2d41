"""Fixtures of the tests from outside."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.tests.systems import one_process


@pytest.fixture(scope="session")
def api() -> Iterator[httpx.Client]:
    """The gateway of one running system with demo data, for tests that do not mind each other."""
    with (
        one_process(DEMO_DATA="1") as system,
        httpx.Client(base_url=system.url, timeout=40) as client,
    ):
        yield client
