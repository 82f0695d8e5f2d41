"""The jobs service as `deploy/` starts it."""

from pathlib import Path

from libs.common.service import Service
from services.jobs.api import router
from services.jobs.consumers import consumers
from services.jobs.expiry import expiry
from services.jobs.models import metadata
from services.jobs.personal_data import personal_data
from services.jobs.rarities import rarities
from services.jobs.seed import seed
from services.jobs.views import view_counts

service = Service(
    name="jobs",
    folder=Path(__file__).parent,
    router=router,
    metadata=metadata,
    personal_data=personal_data,
    consumers=consumers,
    patience=0.05,
    tasks=[expiry, view_counts, rarities],
    peers=["applications"],
    seed=seed,
)
