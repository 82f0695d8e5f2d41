"""The messaging service on its bench."""

import pytest

from libs.common.testing import Bench, BenchOf
from services.messaging.service import service


@pytest.fixture
async def bench(bench_of: BenchOf) -> Bench:
    """The service over an empty database."""
    return await bench_of(service)
