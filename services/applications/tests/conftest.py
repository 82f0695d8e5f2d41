"""The applications service on its bench, beside a jobs service that answers out of a dictionary."""

import pytest

from libs.common.testing import Bench, BenchOf
from services.applications.service import service
from services.applications.tests.samples import JobsService


@pytest.fixture
def jobs_service() -> JobsService:
    """The jobs service that the bench asks."""
    return JobsService()


@pytest.fixture
async def bench(bench_of: BenchOf, jobs_service: JobsService) -> Bench:
    """The service over an empty database."""
    return await bench_of(service, peers={"jobs": jobs_service})
