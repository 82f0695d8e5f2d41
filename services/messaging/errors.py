"""Why a message is refused."""

from libs.common.errors import NotFound, Unprocessable


class ReceiverNotFound(NotFound):
    """There is no such person, or his account is not active."""


class CannotMessageSelf(Unprocessable):
    """Sender and receiver are the same person."""
