"""The keys under which identity numbers are stored: which are missing, and moving to the newest."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select

from libs.common.db import Database
from libs.common.service import runtime_in
from libs.common.sessions import ReadSession, WriteSession
from libs.common.settings import CommonSettings
from services.auth.encryption import Sealed, known_key_ids, seal, unseal
from services.auth.errors import Unreadable
from services.auth.models import Person

BATCH = 500
"""Rows in one transaction."""


async def missing_keys(session: ReadSession, settings: CommonSettings) -> Sequence[str]:
    """Say for each key that is not there how many identity numbers only it would open."""
    key_id = col(Person.ssn_key_id)
    known = known_key_ids(settings.data_dir)
    counted = select(key_id, func.count()).where(key_id.is_not(None), key_id.not_in(known))
    rows = await session.exec(counted.group_by(key_id).order_by(key_id))
    return [
        f"identity numbers under key {missing}: {count}. That key is neither in ENCRYPTION_KEYS nor"
        " in DATA_DIR/keys/encryption: bring it back"
        for missing, count in rows
    ]


async def reseal(db: Database) -> tuple[int, int]:
    """Seal anew, under the newest key, what older ones sealed that are there; safe to run again.

    Returns:
        How many identity numbers were moved, and how many would not open.
    """
    moved, seen, last = 0, 0, UUID(int=0)
    while True:
        async with db.write() as session:
            people = await _next_older(session, last)
            moved += sum([_move(session, person) for person in people])
        if not people:
            return moved, seen - moved
        seen, last = seen + len(people), people[-1].account_id


async def _next_older(session: WriteSession, after: UUID) -> Sequence[Person]:
    older = known_key_ids(runtime_in(session).settings.data_dir)[1:]
    mine = select(Person).where(col(Person.account_id) > after, col(Person.ssn_key_id).in_(older))
    batch = mine.order_by(col(Person.account_id)).limit(BATCH).with_for_update()
    return (await session.exec(batch)).all()


def _move(session: WriteSession, person: Person) -> bool:
    assert person.ssn_sealed is not None
    assert person.ssn_key_id is not None
    data_dir, whose = runtime_in(session).settings.data_dir, person.account_id
    try:
        number = unseal(data_dir, whose, Sealed(person.ssn_sealed, person.ssn_key_id))
    except Unreadable:
        return False
    sealed = seal(data_dir, whose, number)
    person.ssn_sealed, person.ssn_key_id = sealed.text, sealed.key_id
    return True
