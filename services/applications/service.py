"""The applications service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.applications.api import router
from services.applications.consumers import consumers
from services.applications.models import metadata

service = Service(
    name="applications",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    consumers=consumers,
    peers=["jobs"],
)
