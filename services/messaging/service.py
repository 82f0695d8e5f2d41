"""The messaging service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.messaging.api import router
from services.messaging.consumers import consumers
from services.messaging.models import metadata

service = Service(
    name="messaging",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    consumers=consumers,
)
