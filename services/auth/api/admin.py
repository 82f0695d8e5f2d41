"""What admins do to accounts."""

from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import AdminOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.service import Write, service_router
from services.auth.commands import admin
from services.auth.errors import OwnAccount
from services.auth.schemas.accounts import ActiveIn, ActiveOut

router = service_router("auth")


@router.put(
    "/admin/users/{user_id}/active",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, OwnAccount),
)
async def set_active(body: ActiveIn, user_id: Id, session: Write, me: AdminOnly) -> ActiveOut:
    """Deactivate an account and end its sessions, or let its owner in again.

    To activate an account whose address was never proven is to vouch for it.
    """
    account = await admin.set_active(session, me, user_id, body.is_active)
    return ActiveOut(user_id=account.id, is_active=account.is_active)
