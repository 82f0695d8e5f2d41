"""The kinds of fields that several bodies share."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from libs.common import clock
from libs.common.schemas import ON_ONE_LINE, Day
from services.auth.contacts import email_of, phone_of
from services.auth.rules import check_password


def _not_in_future(day: date) -> date:
    if day > clock.local_date(clock.now()):
        raise ValueError("must not be later than today (in Vietnam)")
    return day


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(email_of)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(phone_of)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128, strip_whitespace=False)]
NewPassword = Annotated[Password, AfterValidator(check_password)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120), ON_ONE_LINE]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=255), ON_ONE_LINE]
PastDay = Annotated[Day, Field(ge=date(1700, 1, 1)), AfterValidator(_not_in_future)]


MAX_SKILLS = 200
"""Of one person, whether he names or chooses them."""


def kept(**described: Any) -> Any:
    """Return a field of a change: absent, it stays as it is; see `model_dump(exclude_unset=True)`.

    Null clears it where its type has null. OpenAPI shows no default.
    """
    return Field(default_factory=lambda: None, **described)
