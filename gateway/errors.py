"""What goes wrong in the gateway itself, beyond the common family of errors."""

from libs.common.errors import ApiError, BadRequest


class UpstreamUnavailable(Exception):
    """The upstream cannot be reached, went away, or does not speak proper HTTP."""


class ClientGone(Exception):
    """The client left before the answer was complete."""


class MalformedRequest(BadRequest):
    """400: the request's target, framing or headers are broken or could be read in two ways."""


class UriTooLong(ApiError):
    """414: no path of ours is as long as that."""

    status = 414
