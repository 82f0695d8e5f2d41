"""The person behind an account."""

from fastapi import Request

from libs.common.errors import (
    ContentTooLarge,
    NotFound,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationError,
)
from libs.common.files import file_url
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.service import Read, Running, Write, service_router
from libs.common.uploads import read_upload, uploading
from services.auth import images, queries, views
from services.auth.commands import avatars, people
from services.auth.errors import Underage
from services.auth.schemas.people import (
    AvatarOut,
    MeChangedOut,
    MeIn,
    MeOut,
    ProfileIn,
    ProfileOut,
)

router = service_router("auth")


@router.get("/users/me", responses=openapi_errors(Unauthenticated, NotFound))
async def get_me(session: Read, running: Running, me: SignedIn) -> MeOut:
    """Show the caller's own account."""
    return views.me(running.settings, *await queries.profile(session, me.user_id))


@router.put("/users/me", responses=openapi_errors(Unauthenticated, NotFound, Underage))
async def update_me(body: MeIn, session: Write, me: SignedIn) -> MeChangedOut:
    """Change what the caller says of himself; a candidate is 18 or older."""
    person = await people.update_me(session, me.user_id, body)
    return MeChangedOut(id=person.account_id, name=person.name, dob=person.dob)


@router.get("/auth/me", responses=openapi_errors(Unauthenticated, NotFound))
async def get_profile(session: Read, me: SignedIn) -> ProfileOut:
    """Show the caller's profile for career navigation."""
    return views.profile(*await queries.person_of(session, me.user_id))


@router.put("/auth/me", responses=openapi_errors(Unauthenticated, NotFound))
async def update_profile(body: ProfileIn, session: Write, me: SignedIn) -> ProfileOut:
    """Change the caller's profile for career navigation."""
    return views.profile(*await people.update_profile(session, me.user_id, body))


@router.post(
    "/users/me/avatar",
    openapi_extra=uploading("A PNG, JPEG or WebP of at most 2 MiB and 25 million pixels.")
    | rate_limited("upload", 30, 60),
    responses=openapi_errors(
        Unauthenticated, NotFound, UnsupportedMediaType, ContentTooLarge, ValidationError
    ),
)
async def set_avatar(me: SignedIn, session: Write, running: Running, request: Request) -> AvatarOut:
    """Replace the caller's picture; it is drawn anew, without metadata, 512 by 512 at most."""
    picture = await read_upload(request, images.MAX_BYTES)
    reference = await avatars.set_avatar(session, me.user_id, picture.data)
    return AvatarOut(avatar_url=file_url(running.settings, reference))
