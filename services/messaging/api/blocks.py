"""Endpoints of blocks."""

from libs.common.errors import NotFound, Unauthenticated
from libs.common.identity import SignedIn
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.service import Read, Write, service_router
from services.messaging.commands.blocks import block, unblock
from services.messaging.errors import CannotBlockSelf
from services.messaging.queries.blocks import blocks_of
from services.messaging.schemas.blocks import BlockOut, IsBlockedOut

router = service_router("messaging")


@router.get("/users/me/blocks", responses=openapi_errors(Unauthenticated))
async def list_blocks(me: SignedIn, session: Read, paging: Paging) -> Page[BlockOut]:
    """List whom I have blocked, the last one first."""
    return await blocks_of(session, me.user_id, paging)


@router.put(
    "/users/me/blocks/{user_id}",
    responses=openapi_errors(Unauthenticated, NotFound, CannotBlockSelf),
)
async def block_person(user_id: Id, me: SignedIn, session: Write) -> IsBlockedOut:
    """Let somebody write to me no more; I may still write to him."""
    await block(session, me.user_id, user_id)
    return IsBlockedOut(user_id=user_id, is_blocked=True)


@router.delete("/users/me/blocks/{user_id}", responses=openapi_errors(Unauthenticated, NotFound))
async def unblock_person(user_id: Id, me: SignedIn, session: Write) -> IsBlockedOut:
    """Let somebody write to me again."""
    await unblock(session, me.user_id, user_id)
    return IsBlockedOut(user_id=user_id, is_blocked=False)
