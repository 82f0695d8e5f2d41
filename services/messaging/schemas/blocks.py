"""Blocks, as they are shown."""

from datetime import datetime

from libs.common.ids import Id
from libs.common.schemas import Out


class BlockOut(Out):
    """Somebody who may not write to me."""

    user_id: Id
    name: str
    avatar: str | None
    since: datetime


class IsBlockedOut(Out):
    """Whether somebody may not write to me."""

    user_id: Id
    is_blocked: bool
