"""The ingestion service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.ingestion.api import router
from services.ingestion.cli import commands
from services.ingestion.models import metadata
from services.ingestion.personal_data import personal_data

service = Service(
    name="ingestion",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    commands=commands,
)
