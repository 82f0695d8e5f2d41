"""Moving an application on, and how it has come there."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from libs.common.ids import Id
from libs.common.schemas import In, Out
from services.applications.rules import EMPLOYER, Status, ways_of

_CHOICES = [
    status for status in Status if any(status in ways_of(EMPLOYER, present) for present in Status)
]


def _employers_choice(status: Status) -> Status:
    if status not in _CHOICES:
        raise ValueError("is not for the employer to set")
    return status


class StatusIn(In):
    """Where the employer moves an application.

    The candidate is not shown the note, but gets it with a copy of his data: it is about him.
    """

    status: Annotated[
        Status,
        AfterValidator(_employers_choice),
        WithJsonSchema({"type": "string", "enum": _CHOICES}),
    ]
    note: str | None = Field(None, max_length=2000)


class StatusOut(Out):
    """An application after a move."""

    apply_id: Id
    status: Status
    updated_at: datetime


class MoveOut(Out):
    """One change of status; `note` is null for the candidate."""

    from_: Status = Field(alias="from")
    to: Status
    by: Id
    at: datetime
    note: str | None
