"""The jobs service on its bench, with its reference data and one employer who may post."""

import pytest

from libs.common.testing import Bench, BenchOf
from services.jobs.service import service
from services.jobs.tests.samples import COMPANY, EMPLOYER, ApplicationsService


@pytest.fixture
def applications_service() -> ApplicationsService:
    """The applications service that the bench asks."""
    return ApplicationsService()


@pytest.fixture
async def bench(bench_of: BenchOf, applications_service: ApplicationsService) -> Bench:
    """The service over an empty database; `EMPLOYER` posts for `COMPANY`."""
    bench = await bench_of(service, peers={"applications": applications_service})
    await bench.hear(EMPLOYER, COMPANY)
    return bench
