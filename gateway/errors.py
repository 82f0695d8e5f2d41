"""What goes wrong in the gateway itself, beyond the common family of errors."""

from libs.common.errors import ApiError, BadRequest


class UpstreamUnavailable(Exception):
    """The upstream cannot be reached, went away, or does not speak proper HTTP."""


class ClientGone(Exception):
    """The client left before the answer was complete."""


class MalformedRequest(BadRequest):
    """400: target, framing or headers are broken, or could be read in two ways."""


class RequestTimeout(ApiError):
    """408: the client did not send all of its request in time."""

    status = 408


class HeadersTooLarge(ApiError):
    """431: the head of the request is over a limit (RFC 6585 §5)."""

    status = 431
