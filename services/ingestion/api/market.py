"""Endpoints of the market: what postings ask for, public, to be kept by caches for an hour."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AfterValidator, StringConstraints

from libs.common.caching import CachedRoute
from libs.common.openapi import openapi_errors
from libs.common.schemas import tidy
from libs.common.service import Hot, service_router
from services.ingestion.errors import SkillNotKnown
from services.ingestion.queries import charts, demand, market
from services.ingestion.schemas.market import RolesOut, SalariesOut, SeriesOut, TrendingOut

router = service_router("ingestion")
router.route_class = CachedRoute

SVG = "image/svg+xml"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {SVG: {"schema": {"type": "string"}}}, "description": "The picture."}
}
_SKILL = openapi_errors(SkillNotKnown)

Days = Annotated[int, Query(ge=1, le=365, description="The last days, today included.")]
Skills = Annotated[int, Query(ge=1, le=50, description="How many skills, and technologies.")]
Locations = Annotated[int, Query(ge=1, le=30, description="How many places.")]
Said = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(tidy),
]
"""A name in a query."""


Skill = Annotated[Said, Query(description="By any of its names.", examples=["Python"])]


@router.get("/market/trending")
async def trending(
    rows: Hot, days: Days = 30, skills_limit: Skills = 15, locations_limit: Locations = 10
) -> TrendingOut:
    """Read what postings of the last days ask for, where they are and what they pay."""
    return await market.trending(rows, days, skills_limit, locations_limit)


@router.get("/market/trending.svg", response_class=Response, responses=_PICTURE)
async def trending_chart(rows: Hot, days: Days = 30, skills_limit: Skills = 15) -> Response:
    """See the skills that most postings of the last days ask for."""
    return Response(await charts.trending_chart(rows, days, skills_limit), media_type=SVG)


@router.get("/market/series", responses=_SKILL)
async def series(rows: Hot, skill: Skill, days: Days = 90) -> SeriesOut:
    """Read how much a skill is asked for over time: by days, weeks or 30 days."""
    return await market.series(rows, market.known_skill(skill), days)


@router.get("/market/series.svg", response_class=Response, responses=_PICTURE | _SKILL)
async def series_chart(rows: Hot, skill: Skill, days: Days = 90) -> Response:
    """See how much a skill is asked for over time."""
    known = market.known_skill(skill)
    return Response(await charts.series_chart(rows, known, days), media_type=SVG)


@router.get("/market/salaries")
async def salaries(
    rows: Hot,
    role: Annotated[
        Said | None, Query(description="As in a title; by default all postings.")
    ] = None,
    days: Days = 90,
) -> SalariesOut:
    """Read what postings pay, in US dollars a year."""
    return await demand.salaries(rows, role, days)


@router.get("/market/roles")
async def roles(rows: Hot, days: Days = 90) -> RolesOut:
    """List the roles that postings of the last days name, most first."""
    return await market.roles(rows, days)
