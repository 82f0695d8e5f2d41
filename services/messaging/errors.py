"""Why a message or a block is refused."""

from libs.common.errors import Forbidden, NotFound, Unprocessable


class ReceiverNotFound(NotFound):
    """There is no such person, or his account is not active."""


class CannotMessageSelf(Unprocessable):
    """Sender and receiver are the same person."""


class Blocked(Forbidden):
    """The receiver wants no messages from the sender."""


class CannotBlockSelf(Unprocessable):
    """Nobody keeps himself from writing to himself: that is refused anyway."""
