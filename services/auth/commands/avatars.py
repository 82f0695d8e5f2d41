"""Pictures of people."""

from uuid import UUID

from libs.common.files import new_key, reference_to
from libs.common.service import runtime_in
from libs.common.sessions import WriteSession
from services.auth.commands.people import hold
from services.auth.facts import user_changed
from services.auth.files import discard, stored
from services.auth.images import as_avatar


async def set_avatar(session: WriteSession, user_id: UUID, picture: bytes) -> str:
    """Replace somebody's picture; return the reference to the new one.

    Raises:
        NotFound: the account is gone.
        UnsupportedMediaType: it is no PNG, JPEG or WebP, or broken.
        ContentTooLarge: it has too many pixels.
        ServiceUnavailable: too many pictures wait already, or the object store is away.
    """
    key = new_key("avatars", user_id, "webp")
    # Before the first statement: while picture and store take their time, no connection is held.
    async with stored(runtime_in(session).store, key, await as_avatar(picture)):
        account, person = await hold(session, user_id)
        discard(session, person.avatar_url)
        person.avatar_url = reference_to(key)
        user_changed(session, account, person)
    return person.avatar_url
