"""What somebody changes of himself."""

from typing import Any
from uuid import UUID

from libs.common import clock
from libs.common.errors import NotFound, wrong_field
from libs.common.identity import Role
from libs.common.service import runtime_in
from libs.common.sessions import WriteSession
from services.auth.commands.skills import name_skills
from services.auth.contacts import key_of
from services.auth.encryption import seal
from services.auth.errors import Underage
from services.auth.facts import PROFILE, name_changed, profile_changed
from services.auth.models import Account, Person
from services.auth.queries import all_skills
from services.auth.rules import is_adult
from services.auth.schemas.people import MeIn, ProfileIn


async def hold(session: WriteSession, account_id: UUID) -> tuple[Account, Person]:
    """Return an account and its person; nobody else changes what belongs to it meanwhile.

    Raises:
        NotFound: the account is gone.
    """
    account = await session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    # A statement of its own: one that waited for the lock still sees the other rows as they were.
    return account, await session.get_one(Person, account_id)


async def update_me(session: WriteSession, user_id: UUID, changes: MeIn) -> Person:
    """Change what is given of the caller's person.

    Raises:
        NotFound: the account is gone.
        Underage: a candidate would be younger than 18.
    """
    account, person = await hold(session, user_id)
    told = changes.model_dump(exclude_unset=True)
    today = clock.local_date(clock.now())
    if account.role == Role.CANDIDATE and told.get("dob") and not is_adult(told["dob"], today):
        raise Underage
    if "ssn" in told:
        told |= _sealed(session, user_id, told.pop("ssn"))
    await change_person(session, account, person, told)
    return person


def _sealed(session: WriteSession, user_id: UUID, ssn: str | None) -> dict[str, Any]:
    if ssn is None:
        return {"ssn_sealed": None, "ssn_key_id": None}
    sealed = seal(runtime_in(session).settings.data_dir, user_id, ssn)
    return {"ssn_sealed": sealed.text, "ssn_key_id": sealed.key_id}


async def update_profile(
    session: WriteSession, user_id: UUID, changes: ProfileIn
) -> tuple[Account, Person, list[str]]:
    """Change what is given of the caller's profile of seed N; return it with all his skills.

    A candidate's `skills` are all that he has: what they do not name, he has no more.

    Raises:
        NotFound: the account is gone.
        ValidationError: the address is not the account's.
    """
    account, person = await hold(session, user_id)
    told = changes.model_dump(exclude_unset=True)
    if "email" in told and key_of(told.pop("email")) != account.email_key:
        raise wrong_field("email", "cannot be changed")
    if "full_name" in told:
        told["name"] = told.pop("full_name")
    await change_person(session, account, person, told)
    return account, person, await all_skills(session, person)


async def change_person(
    session: WriteSession, account: Account, person: Person, told: dict[str, Any]
) -> None:
    """Set fields of a person; a new name goes to all who show it, his profile to advisers."""
    changed = {field for field, value in told.items() if getattr(person, field) != value}
    person.sqlmodel_update(told)
    named = "skills" in told and account.role == Role.CANDIDATE
    if named and await name_skills(session, account.id, person.skills):
        changed.add("skills")
    if "name" in changed:
        await name_changed(session, account, person)
    elif changed & PROFILE:
        await profile_changed(session, account, person)
