"""The identity service on its bench."""

import pytest

from libs.common.testing import Bench, BenchOf
from services.auth.service import service


@pytest.fixture
async def bench(bench_of: BenchOf) -> Bench:
    """An identity service without a single account."""
    return await bench_of(service)
