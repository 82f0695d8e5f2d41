"""A candidate's CVs: which one is his default, and the files among which applications refer."""

from uuid import UUID

from sqlmodel import col, func, select

from libs.common import clock
from libs.common.errors import ServiceUnavailable, wrong_field
from libs.common.files import cv_reference, key_of, new_key, reference_to
from libs.common.identity import Identity
from libs.common.service import Runtime, runtime_in
from libs.common.sessions import WriteSession
from libs.common.uploads import Upload
from services.auth.commands.candidates import hold_candidate
from services.auth.documents import kind_of, tidy_name
from services.auth.errors import CvLimitReached
from services.auth.facts import candidate_changed
from services.auth.files import discard, stored
from services.auth.models import Account, Candidate, Person, StoredCv
from services.auth.schemas.candidates import CvIn

MAX_CVS = 20
"""Files of one candidate."""


async def set_cv(session: WriteSession, me: Identity, cv: CvIn | Upload) -> Candidate:
    """Replace the candidate's default CV; a stored one stays, for applications may refer to it.

    Beyond `MAX_CVS` the oldest that no application refers to makes room. Should he at that very
    moment apply with a link to just that one, the application refers to nothing.

    Raises:
        NotFound: the candidate's account is gone.
        ValidationError: the address is not https, or of a file of his that is gone.
        UnsupportedMediaType: what he uploaded is neither PDF nor DOCX.
        CvLimitReached: his applications refer to `MAX_CVS` files.
        ServiceUnavailable: the object store is away; or the applications service, which must tell.
    """
    if isinstance(cv, CvIn):
        return await _set_address(session, me.user_id, cv)
    running = runtime_in(session)
    kind = kind_of(cv.data)
    key = new_key("cvs", me.user_id, kind)
    file = StoredCv(key=key, account_id=me.user_id, name=tidy_name(cv.name, kind))
    # Before the first statement: while others work, no connection is held.
    referred_to = await _referred_to(running, me)
    async with stored(running.store, key, cv.data):
        held = await hold_candidate(session, me.user_id)
        await _make_room(session, held[2], referred_to)
        session.add(file)
        return await _refer_to(session, held, reference_to(key), file.name)


async def _set_address(session: WriteSession, candidate_id: UUID, cv: CvIn) -> Candidate:
    reference = cv_reference(runtime_in(session).settings, cv.cv_url, candidate_id)
    name = cv.cv_name
    held = await hold_candidate(session, candidate_id)
    if key := key_of(reference):
        file = await session.get(StoredCv, key)
        if file is None:
            raise wrong_field("cvUrl", "there is no such file")
        if name is not None:
            file.name = tidy_name(name, key.rpartition(".")[2])
        name = file.name
    return await _refer_to(session, held, reference, name)


async def _refer_to(
    session: WriteSession,
    held: tuple[Account, Person, Candidate],
    reference: str,
    name: str | None,
) -> Candidate:
    account, person, candidate = held
    candidate.cv_url, candidate.cv_name = reference, name
    candidate.cv_updated_at = clock.now()
    await candidate_changed(session, account, person, candidate)
    return candidate


async def _referred_to(running: Runtime, me: Identity) -> set[str] | None:
    """Return what the candidate's applications refer to; None while there is room anyway."""
    mine = select(func.count()).where(StoredCv.account_id == me.user_id)
    async with running.db.read() as session:
        if (await session.exec(mine)).one() < MAX_CVS:
            return None
    told = await running.peers["applications"].get("/internal/cvs", me.token)
    if told is None:
        raise ServiceUnavailable({"service": "applications"})
    return set(told)


async def _make_room(
    session: WriteSession, candidate: Candidate, referred_to: set[str] | None
) -> None:
    """Remove the oldest files that nobody refers to, for one more to be within `MAX_CVS`."""
    mine = select(StoredCv).where(StoredCv.account_id == candidate.account_id)
    files = (await session.exec(mine.order_by(col(StoredCv.stored_at), StoredCv.key))).all()
    needed = {candidate.cv_url, *(referred_to or ())}
    unneeded = [file for file in files if reference_to(file.key) not in needed]
    too_many = max(len(files) + 1 - MAX_CVS, 0)
    if too_many and (referred_to is None or len(unneeded) < too_many):
        raise CvLimitReached({"limit": MAX_CVS})
    for file in unneeded[:too_many]:
        discard(session, reference_to(file.key))
        await session.delete(file)
