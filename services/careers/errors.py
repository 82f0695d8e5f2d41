"""Why a question about careers has no answer."""

from libs.common.errors import NotFound


class CareerNotFound(NotFound):
    """No occupation bears this O*NET-SOC code."""
