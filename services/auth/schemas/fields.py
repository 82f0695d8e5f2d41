"""The kinds of fields that several bodies share."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from libs.common import clock
from libs.common.schemas import Day
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
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PastDay = Annotated[Day, Field(ge=date(1700, 1, 1)), AfterValidator(_not_in_future)]
