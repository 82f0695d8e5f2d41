"""The applications service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.applications.api import router
from services.applications.consumers import consumers
from services.applications.models import metadata
from services.applications.personal_data import personal_data

service = Service(
    name="applications",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=consumers,
    peers=["jobs"],
)
