"""The kinds of fields that several bodies and queries share."""

from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from libs.common import clock
from libs.common.reference.salary import LARGEST
from libs.common.schemas import Day, tidy

T = TypeVar("T")
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


def blank_is(meant: Any) -> BeforeValidator:
    """Return what reads blank text as `meant`: a form sends it where nothing is asked for."""
    return BeforeValidator(
        lambda sent: meant if isinstance(sent, str) and not sent.strip() else sent
    )


Term = Annotated[str, StringConstraints(max_length=200), AfterValidator(tidy)]
"""What is typed into a search."""
Asked = Annotated[T | None, blank_is(None)]


def kept(**described: Any) -> Any:
    """Return a field of a change: absent, it stays as it is; see `model_dump(exclude_unset=True)`.

    Null clears it where its type has null. OpenAPI shows no default.
    """
    return Field(default_factory=lambda: None, **described)
