"""The jobs service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.jobs.api import router
from services.jobs.consumers import consumers
from services.jobs.models import metadata
from services.jobs.personal_data import personal_data
from services.jobs.seed import seed

service = Service(
    name="jobs",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    consumers=consumers,
    personal_data=personal_data,
    seed=seed,
)
