"""Follows, as they are shown."""

from datetime import datetime

from libs.common.ids import Id
from libs.common.schemas import Out


class FollowOut(Out):
    """Whether I follow an employer now."""

    employer_id: Id
    is_following: bool


class FollowerOut(Out):
    """Who follows me."""

    user_id: Id
    name: str
    avatar: str | None
    headline: str | None
    """The first role that he wants."""


class FollowedOut(Out):
    """Whom I follow."""

    employer_id: Id
    name: str
    avatar: str | None
    since: datetime
