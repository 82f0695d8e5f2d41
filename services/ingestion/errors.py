"""Why a question about the market has no answer."""

from libs.common.errors import BadRequest, NotFound


class PostingNotFound(NotFound):
    """No posting bears this id."""


class SkillNotKnown(NotFound):
    """No skill of the reference data goes by this name."""


class NoDemandKnown(NotFound):
    """Too few postings name the role to say what they ask for."""


class RoleNotTargeted(BadRequest):
    """The role is none of those that the candidate aims for; `details` has them."""


class InsufficientData(BadRequest):
    """Too few postings name the role; `details` tells how many do, and how many are needed."""
