"""The kinds of fields that several bodies and queries share."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from libs.common import clock
from libs.common.reference.salary import LARGEST
from libs.common.schemas import Day, tidy

OVER = "must be later than today (in Vietnam)"


def _in_future(day: date) -> date:
    if day <= clock.local_date(clock.now()):
        raise ValueError(OVER)
    return day


AnyLastDay = Annotated[Day, Field(lt=date(2100, 1, 1))]
LastDay = Annotated[AnyLastDay, AfterValidator(_in_future)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
ReferenceId = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
ReferenceIds = Annotated[
    list[ReferenceId],
    Field(min_length=1, max_length=50),
    AfterValidator(lambda ids: list(dict.fromkeys(ids))),
]


Term = Annotated[str, StringConstraints(max_length=200), AfterValidator(tidy)]
"""What is typed into a search."""


def kept(**described: Any) -> Any:
    """Return a field of a change: absent, it stays as it is; see `model_dump(exclude_unset=True)`.

    Null clears it where its type has null. OpenAPI shows no default.
    """
    return Field(default_factory=lambda: None, **described)
