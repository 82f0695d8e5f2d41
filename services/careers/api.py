"""Endpoints of the careers encyclopedia: all public, all read-only."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator

from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, Paging
from libs.common.schemas import tidy
from libs.common.service import Read, service_router
from services.careers import queries
from services.careers.errors import CareerNotFound
from services.careers.schemas import CareerDetailOut, CareerOut

router = service_router("careers")

Words = Annotated[
    str | None,
    Query(max_length=100, description="Words of the title; case and diacritics do not matter."),
    AfterValidator(tidy),
]
OnetCode = Annotated[str, Path(examples=["15-1252.00"]), AfterValidator(tidy)]


@router.get("/careers")
async def list_careers(session: Read, paging: Paging, q: Words = None) -> Page[CareerOut]:
    """List occupations, ordered by code."""
    return await queries.careers(session, q, paging)


@router.get("/careers/{onet_code}", responses=openapi_errors(CareerNotFound))
async def read_career(session: Read, onet_code: OnetCode) -> CareerDetailOut:
    """Read one occupation, with its source and the credit that its licence asks for."""
    return await queries.career(session, onet_code)
