"""The ingestion service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.ingestion.api import router
from services.ingestion.cli import commands
from services.ingestion.models import metadata

service = Service(
    name="ingestion",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    commands=commands,
)
