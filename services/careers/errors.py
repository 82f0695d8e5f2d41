"""Why a question about careers has no answer."""

from libs.common.errors import BadRequest, NotFound


class CareerNotFound(NotFound):
    """No occupation bears this O*NET-SOC code."""


class RoleNotTargeted(BadRequest):
    """The role is none of those that the candidate aims for; `details` has them."""
