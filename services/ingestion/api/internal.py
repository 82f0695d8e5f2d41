"""What other services ask; the gateway routes none of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from libs.common.identity import SignedIn
from libs.common.service import Hot
from services.ingestion.api.market import Days, Said
from services.ingestion.queries import demand

router = APIRouter(include_in_schema=False)


@router.get("/internal/demand")
async def role_demand(
    me: SignedIn,
    rows: Hot,
    role: Said,
    days: Days = 90,
    threshold: Annotated[float, Query(ge=0.01, le=1)] = 0.1,
) -> dict[str, Any]:
    """Tell the careers service what postings of a role ask for; 404 where there are too few."""
    return await demand.demand(rows, role, days, threshold)
