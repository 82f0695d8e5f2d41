"""Who may write to whom."""

from uuid import UUID

import pytest

from libs.common.ids import new_id
from services.messaging.errors import Blocked, CannotBlockSelf, CannotMessageSelf, ReceiverNotFound
from services.messaging.rules import check_blocked, check_may_write, check_receiver, id_after


def test_nobody_writes_to_himself() -> None:
    me = new_id()
    check_receiver(me, new_id())
    with pytest.raises(CannotMessageSelf):
        check_receiver(me, UUID(str(me)))


def test_nobody_blocks_himself() -> None:
    me = new_id()
    check_blocked(me, new_id())
    with pytest.raises(CannotBlockSelf):
        check_blocked(me, UUID(str(me)))


def test_who_may_be_written_to() -> None:
    check_may_write(receiver_is_active=True, is_blocked=False)
    with pytest.raises(Blocked):
        check_may_write(receiver_is_active=True, is_blocked=True)
    for is_blocked in (True, False):
        with pytest.raises(ReceiverNotFound):
            check_may_write(receiver_is_active=False, is_blocked=is_blocked)


def test_an_id_is_always_later_than_the_last() -> None:
    earlier, later = new_id(), new_id()
    assert id_after(later, None) == id_after(later, earlier) == later
    for last in (later, UUID(int=earlier.int)):
        made = id_after(earlier, last)
        assert made > last
        assert made.version == 7
