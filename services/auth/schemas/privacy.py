"""A person's copy of his data, and its erasure."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import In, Out
from services.auth.schemas.fields import Password

Held = dict[str, Any]


class ExportOut(Out):
    """Everything that is held of the caller, by the service that holds it."""

    exported_at: datetime
    auth: Held = Field(description="Account, profile, identity number, job history, devices.")
    jobs: Held = Field(description="What he posted.")
    applications: Held = Field(description="His applications, their moves, employers' notes too.")
    messaging: Held = Field(description="Messages sent and received, and notifications.")
    careers: Held
    ingestion: Held


class EraseIn(In):
    """The password, once more: there is no way back."""

    password: Password = Field(examples=["Password123!"])


class ErasedOut(Out):
    """The account is gone; the rest follows."""

    erasure_id: Id = Field(description="Ask with it how far the erasure has come.")


class ReceiptOut(Out):
    """One service has erased everything."""

    service: str = Field(examples=["messaging"])
    erased_at: datetime


class ErasureOut(Out):
    """How far an erasure has come: completed when every service has given its receipt."""

    id: Id
    status: Literal["pending", "completed"]
    receipts: list[ReceiptOut]
