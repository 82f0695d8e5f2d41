"""What goes wrong in the gateway itself, beyond the common family of errors."""

from libs.common.errors import BadRequest


class UpstreamUnavailable(Exception):
    """The upstream cannot be reached, went away, or does not speak proper HTTP."""


class ClientGone(Exception):
    """The client left before the answer was complete."""


class DeadlineExpired(Exception):
    """The upstream has not begun to answer in time."""


class MalformedRequest(BadRequest):
    """400: target, framing or headers are broken, or could be read in two ways."""
