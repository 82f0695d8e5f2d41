"""The person behind an account."""

from libs.common.errors import NotFound, Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors
from libs.common.service import Read, service_router
from services.auth import queries, views
from services.auth.schemas.people import MeOut

router = service_router("auth")


@router.get("/users/me", responses=openapi_errors(Unauthenticated, NotFound))
async def get_me(session: Read, me: SignedIn) -> MeOut:
    """Show the caller's own account."""
    return views.me(*await queries.profile(session, me.user_id))
