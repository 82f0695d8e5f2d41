"""Who may write to whom, and in which order it stands."""

from uuid import UUID

from services.messaging.errors import (
    Blocked,
    CannotBlockSelf,
    CannotMessageSelf,
    ReceiverNotFound,
)


def check_receiver(sender_id: UUID, receiver_id: UUID) -> None:
    """Let pass whoever writes to somebody else.

    Raises:
        CannotMessageSelf: he writes to himself.
    """
    if sender_id == receiver_id:
        raise CannotMessageSelf


def check_may_write(receiver_is_active: bool, is_blocked: bool) -> None:
    """Let pass whoever writes to an active person who has not blocked him.

    The other way round a block forbids nothing: who blocks may still write.

    Raises:
        ReceiverNotFound: the receiver is not active.
        Blocked: the receiver wants no messages from him.
    """
    if not receiver_is_active:
        raise ReceiverNotFound
    if is_blocked:
        raise Blocked


def check_blocked(user_id: UUID, blocked_id: UUID) -> None:
    """Let pass whoever blocks somebody else.

    Raises:
        CannotBlockSelf: he blocks himself.
    """
    if user_id == blocked_id:
        raise CannotBlockSelf


def id_after(made: UUID, last: UUID | None) -> UUID:
    """Return an id that sorts behind `last`: the one just made, but for clocks that disagree."""
    return made if last is None or made > last else UUID(int=last.int + 1)
