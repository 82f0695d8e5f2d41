"""Personal data: what a service holds of a person, his copy of it, and its erasure.

A service declares it once; made of that are its part of `GET /users/me/export`, and its answer to
`user.erased`: to erase, and to say so.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel
from sqlalchemy import MetaData, text

from libs.common import clock, kept_answers
from libs.common.contracts.auth import UserErased
from libs.common.contracts.privacy import PersonalDataErased
from libs.common.events import REGISTRY, Event
from libs.common.mail import MailRequested
from libs.common.messaging import Consumer, consumes, publish
from libs.common.sessions import ReadSession, WriteSession

# Done rows have no body any more. By the field that names the person, not by the id alone: a job
# that is closed because he is gone bears his id too, and whoever waits to hear of it must.
_FORGET_WAITING = text(
    """
    DELETE FROM inbox
    USING unnest(CAST(:names AS text[]), CAST(:fields AS text[])) AS telling (name, field)
    WHERE state <> 'done' AND inbox.name = telling.name
        AND CAST(body AS json) -> 'data' ->> telling.field LIKE '%' || :person || '%'
    """
)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a service holds of people, and how it is read and erased."""

    holds: str
    """In words: what, and what of it outlives an erasure."""
    export: Callable[[ReadSession, UUID], Awaitable[dict[str, Any]]]
    """Returns all that is held of a person, by field names."""
    erase: Callable[[WriteSession, UUID], Awaitable[None]]
    """Leaves nothing that tells who he was; done twice it changes nothing more."""

    async def copy_for(self, session: ReadSession, person: UUID) -> dict[str, Any]:
        """Return what is held of a person as he may see it: with names in camelCase."""
        copy: dict[str, Any] = _in_camel_case(await self.export(session, person))
        return copy


def nothing(why: str) -> PersonalData:
    """Return the declaration of a service that knows nobody; it gives receipts all the same."""

    async def export(session: ReadSession, person: UUID) -> dict[str, Any]:
        return {}

    async def erase(session: WriteSession, person: UUID) -> None:
        """There is nothing to do."""

    return PersonalData(why, export, erase)


def erasing(service: str, metadata: MetaData, personal: PersonalData) -> Consumer:
    """Return the consumer of `user.erased` of a service: erase everything, then give the receipt.

    It is an outside job, for files and mails go with the rows; told again, it does no harm.
    """

    @consumes(UserErased, outside=True)
    async def erase_person(session: WriteSession, event: UserErased) -> None:
        await _forget_waiting(session, event.user_id, REGISTRY.values())
        await kept_answers.forget(session, metadata, event.user_id)
        await personal.erase(session, event.user_id)
        # Whoever was putting a mail into words held him: it is there now. Mails only: who is
        # sending one holds nothing else, while others may hold their rows and wait for him.
        await _forget_waiting(session, event.user_id, [MailRequested])
        await session.info["runtime"].mailer.forget(event.user_id)
        said = {"erasure_id": event.erasure_id, "service": service, "erased_at": clock.now()}
        publish(session, PersonalDataErased(**said))

    return erase_person


async def _forget_waiting(
    session: WriteSession, person: UUID, events: Iterable[type[Event]]
) -> None:
    """Delete which of `events` wait, or are dead, and tell of the person; a mail to him is such."""
    telling = {(cls.event_name, cls.event_person) for cls in events if cls.event_person}
    names, fields = zip(*sorted(telling), strict=True)
    values = {"names": list(names), "fields": list(fields), "person": str(person)}
    await session.execute(_FORGET_WAITING, values)


def _in_camel_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_camel(key): _in_camel_case(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_camel_case(item) for item in value]
    return value
