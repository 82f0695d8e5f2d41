"""Blocks, as they are shown."""

from datetime import datetime
from uuid import UUID

from libs.common.schemas import Out


class BlockOut(Out):
    """Somebody who may not write to me."""

    user_id: UUID
    name: str
    avatar: str | None
    since: datetime


class IsBlockedOut(Out):
    """Whether somebody may not write to me."""

    user_id: UUID
    is_blocked: bool
