"""What I lack for a role that I aim for (seed N)."""

from typing import Annotated

from fastapi import Query

from libs.common.errors import Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors
from libs.common.service import Hot, Read, service_router
from services.ingestion.api.market import Days, Said
from services.ingestion.errors import InsufficientData, RoleNotTargeted
from services.ingestion.queries import demand
from services.ingestion.schemas.gap import GapOut

router = service_router("ingestion")


@router.get(
    "/skills/gap-analysis",
    responses=openapi_errors(RoleNotTargeted, InsufficientData, Unauthenticated),
)
async def gap_analysis(
    me: SignedIn,
    session: Read,
    rows: Hot,
    role: Annotated[Said, Query(description="One of my target roles.")],
    days: Days = 30,
    threshold: Annotated[
        float,
        Query(ge=0.1, le=1, description="The share of postings that have to ask for a skill."),
    ] = 0.25,
) -> GapOut:
    """Compare my skills with what postings of one of my target roles ask for."""
    mine, has = await demand.targeted(session, me.user_id, role)
    return await demand.gap(rows, mine, has, days, threshold)
