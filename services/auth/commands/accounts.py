"""Making accounts and proving their addresses."""

import secrets

from sqlalchemy.dialects.postgresql import Insert, insert

from libs.common.context import asked_language, language
from libs.common.contracts.auth import UserActivated, UserRegistered
from libs.common.db import Database
from libs.common.identity import Role
from libs.common.messaging import enqueue, publish
from libs.common.sessions import WriteSession
from services.auth import otp, passwords
from services.auth.commands.people import hold
from services.auth.commands.skills import name_skills
from services.auth.contacts import key_of
from services.auth.facts import PROFILE, candidate_updated, employer_updated, person_facts
from services.auth.models import Account, Candidate, Employer, Person
from services.auth.otp_mail import CodeRequested, mail_code
from services.auth.pace import no_sooner_than
from services.auth.queries import account_of, skills_of
from services.auth.rules import derive_username
from services.auth.schemas.accounts import RegisterIn


async def register(session: WriteSession, new: RegisterIn) -> Account:
    """Make an account that is not active yet; its code comes by mail.

    Raises:
        TooManyAttempts: too many passwords are being hashed.
    """
    account = await add_account(session, new, Role(new.user_type))
    request_code(session, new.email, otp.Purpose.ACTIVATION)
    return account


async def add_account(session: WriteSession, new: RegisterIn, role: Role) -> Account:
    """Make an account and the rows of its role."""
    # Before the first statement: while a password waits its turn, it holds no connection.
    password_hash = await passwords.hash_password(new.password)
    username = new.username or derive_username(new.email)
    account = await _insert(
        session,
        Account(
            email=new.email,
            email_key=key_of(new.email),
            username=username,
            username_key=key_of(username),
            phone=new.phone,
            password_hash=password_hash,
            role=role,
            language=language(),
        ),
        derived=new.username is None,
    )
    person = Person(account_id=account.id, name=new.name, **new.model_dump(include=PROFILE))
    session.add(person)
    publish(session, UserRegistered(**person_facts(account, person)))
    await _add_role(session, account, person)
    return account


async def _insert(session: WriteSession, account: Account, *, derived: bool) -> Account:
    """Insert an account; a username that nobody chose gets a random end where it is taken."""
    if derived:
        unless_taken = _inserting(account).on_conflict_do_nothing(constraint="uq_accounts_username")
        saved = (await session.scalars(unless_taken.returning(Account))).one_or_none()
        if saved is not None:
            return saved
        account.username += f"-{secrets.token_hex(4)}"
        account.username_key = key_of(account.username)
    return (await session.scalars(_inserting(account).returning(Account))).one()


def _inserting(account: Account) -> Insert:
    return insert(Account).values(account.model_dump())


async def _add_role(session: WriteSession, account: Account, person: Person) -> None:
    if account.role == Role.CANDIDATE:
        candidate = Candidate(account_id=account.id)
        session.add(candidate)
        await name_skills(session, account.id, person.skills)
        skill_ids = list(await skills_of(session, account.id))
        publish(session, candidate_updated(account, person, candidate, skill_ids=skill_ids))
    elif account.role == Role.EMPLOYER:
        employer = Employer(account_id=account.id)
        session.add(employer)
        publish(session, employer_updated(account, person, employer))


def request_code(session: WriteSession, address: str, purpose: otp.Purpose) -> None:
    """Have a code mailed, in the language asked for, if there is an account that may have one."""
    request = CodeRequested(address=address, language=asked_language(), purpose=purpose)
    enqueue(session, mail_code, request)


async def verify_otp(db: Database, address: str, code: str) -> bool:
    """Activate an account by its code; return whether it was right."""
    async with no_sooner_than(otp.ANSWER), db.write() as session:
        proven = await prove_address(session, address, otp.Purpose.ACTIVATION, code)
    return proven is not None


async def prove_address(
    session: WriteSession, address: str, purpose: otp.Purpose, code: str
) -> tuple[Account, Person] | None:
    """Return whose code this is, and activate him; None if it is wrong. Commit either way.

    Whoever knows a code reads the mail of the account's address: that activates it, whatever the
    code was asked for. But nobody undoes what an admin did.
    """
    found = await account_of(session, address)
    if found is None:
        return None
    account, person = await hold(session, found.id)
    if account.deactivated_at is not None or not await otp.redeem(
        session, account.id, purpose, code
    ):
        return None
    activate(session, account, person)
    return account, person


def activate(session: WriteSession, account: Account, person: Person) -> None:
    """Let the account's owner sign in."""
    if not account.is_active:
        account.is_active = True
        account.version += 1
        publish(session, UserActivated(**person_facts(account, person)))
