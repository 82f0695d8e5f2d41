"""What every service says when it has erased a person."""

from datetime import datetime
from uuid import UUID

from libs.common.events import Event, event


@event("personal_data.erased", subject="erasure_id", shared=True)
class PersonalDataErased(Event):
    """A service's receipt: it holds nothing more of the person of this erasure."""

    erasure_id: UUID
    service: str
    erased_at: datetime
