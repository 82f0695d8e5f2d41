"""Follows, as they are shown."""

from datetime import datetime
from uuid import UUID

from libs.common.schemas import Out


class FollowOut(Out):
    """Whether I follow an employer now."""

    employer_id: UUID
    is_following: bool


class FollowerOut(Out):
    """Who follows me."""

    user_id: UUID
    name: str
    avatar: str | None
    headline: str | None
    """The first role that he wants."""


class FollowedOut(Out):
    """Whom I follow."""

    employer_id: UUID
    name: str
    avatar: str | None
    since: datetime
