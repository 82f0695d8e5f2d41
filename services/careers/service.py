"""The careers service as `deploy/` starts it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from libs.common.service import Runtime, Service
from services.careers.api import router
from services.careers.catalogues import catalogues_read
from services.careers.cli import commands
from services.careers.consumers import consumers
from services.careers.kept_pages import pages_kept
from services.careers.models import metadata
from services.careers.personal_data import personal_data
from services.careers.queries.runs import last_runs
from services.careers.settings import settings


@asynccontextmanager
async def beside(runtime: Runtime) -> AsyncIterator[None]:
    """Read the catalogues at the start, and keep pages."""
    async with catalogues_read(runtime), pages_kept(runtime):
        yield


service = Service(
    name="careers",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=consumers,
    beside=beside,
    peers=["ingestion"],
    commands=commands,
    settings=settings,
    last_runs=last_runs,
)
