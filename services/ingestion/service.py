"""The ingestion service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.ingestion.api import router
from services.ingestion.cli import commands
from services.ingestion.commands.retention import retention
from services.ingestion.consumers import consumers
from services.ingestion.market.purge import purge
from services.ingestion.models import metadata
from services.ingestion.personal_data import personal_data
from services.ingestion.queries.runs import last_runs
from services.ingestion.scheduler import collecting
from services.ingestion.settings import settings

service = Service(
    name="ingestion",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=consumers,
    tasks=[retention, purge],
    beside=collecting,
    commands=commands,
    settings=settings,
    last_runs=last_runs,
)
