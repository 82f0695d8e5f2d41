"""The messaging service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.messaging.api import router
from services.messaging.commands.stream import purge
from services.messaging.consumers import consumers
from services.messaging.models import metadata
from services.messaging.personal_data import personal_data
from services.messaging.stream.hub import running_hub

service = Service(
    name="messaging",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=consumers,
    tasks=[purge],
    beside=running_hub,
)
