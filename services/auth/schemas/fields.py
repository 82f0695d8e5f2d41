"""The kinds of fields that several bodies share."""

import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from libs.common import clock
from libs.common.schemas import Day
from services.auth.contacts import email_of, phone_of
from services.auth.rules import check_password


def _not_in_future(day: date) -> date:
    if day > clock.local_date(clock.now()):
        raise ValueError("must not be later than today (in Vietnam)")
    return day


def _on_one_line(text: str) -> str:
    """It goes into mails and onto other people's screens: nothing there that nobody sees."""
    if any(c not in _JOINERS and unicodedata.category(c) in _UNSEEN for c in text):
        raise ValueError("must not contain line breaks, control or invisible characters")
    return text


_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Letters of some scripts need them."""

Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(email_of)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(phone_of)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128, strip_whitespace=False)]
NewPassword = Annotated[Password, AfterValidator(check_password)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_on_one_line)]
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(_on_one_line)
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_on_one_line)]
FileName = Annotated[
    str, StringConstraints(min_length=1, max_length=255), AfterValidator(_on_one_line)
]
PastDay = Annotated[Day, Field(ge=date(1700, 1, 1)), AfterValidator(_not_in_future)]


MAX_SKILLS = 200
"""Of one person, whether he names or chooses them."""


def kept(**described: Any) -> Any:
    """Return a field of a change: absent, it stays as it is; see `model_dump(exclude_unset=True)`.

    Null clears it where its type has null. OpenAPI shows no default.
    """
    return Field(default_factory=lambda: None, **described)
