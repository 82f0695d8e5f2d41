"""The encyclopedia of occupations: public, read-only, and to be kept by caches.

Every answer tells what its texts were loaded from and whom to credit: an object in its fields
`dataset` and `attribution`, a list, whose `data` is the bare array, in the headers `X-Dataset`,
`X-Attribution` and `Link` with rel="license".
"""

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, StringConstraints

from libs.common.caching import CachedRoute
from libs.common.envelope import SqlJson
from libs.common.openapi import openapi_errors
from libs.common.pagination import Paging
from libs.common.schemas import tidy
from libs.common.service import Hot, Running, service_router
from services.careers.errors import CareerNotFound
from services.careers.interests import ordered, weights_of
from services.careers.queries import occupations, pages
from services.careers.queries.occupations import Wanted
from services.careers.schemas.occupations import (
    CareerDetailOut,
    CareerPageOut,
    FittingCareerOut,
    FoundCareerOut,
    RelatedCareerOut,
)

router = service_router("careers")
router.route_class = CachedRoute

_CREDIT = {
    "X-Dataset": {
        "schema": {"type": "string"},
        "description": "What the rows were loaded from: a list of names with `version`, "
        "`loaded_at` and `license` (RFC 8941).",
    },
    "X-Attribution": {
        "schema": {"type": "string"},
        "description": "The credit that has to be shown beside them.",
    },
}
_LIST: dict[int | str, dict[str, Any]] = {200: {"headers": _CREDIT}}
_ONE = openapi_errors(CareerNotFound)

OnetCode = Annotated[
    str, Path(description="O*NET-SOC code.", examples=["15-1252.00"]), AfterValidator(tidy)
]


async def _wanted(
    q: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Words of its title, or of another that it goes by, each by its beginning; "
            "case and diacritics do not matter. Or the beginning of a code.",
        ),
        AfterValidator(tidy),
    ] = None,
    job_zone: Annotated[int | None, Query(ge=1, le=5)] = None,
    riasec: Annotated[
        Annotated[str, StringConstraints(max_length=3), AfterValidator(ordered)] | None,
        Query(description="Its high points, or the first of them, strongest first: `I`, `IR`."),
    ] = None,
    bright: Annotated[
        bool | None,
        Query(description="Whether O*NET calls its outlook bright; it says of some only."),
    ] = None,
) -> Wanted:
    return Wanted(q or "", job_zone, riasec, bright)


@router.get("/careers", responses=_LIST)
async def list_careers(
    rows: Hot, paging: Paging, wanted: Annotated[Wanted, Depends(_wanted)]
) -> SqlJson[list[FoundCareerOut]]:
    """List occupations by code; with `q`, those that fit it best come first."""
    return await occupations.careers(rows, wanted, paging)


def _readable(interests: str) -> str:
    weights_of(interests)
    return interests


Interests = Annotated[
    str,
    Query(
        max_length=60,
        description="One to six letters, strongest first (`IRA`: I weighs 3, R 2, A 1), or six "
        "weights for R, I, A, S, E, C (`10,30,20,0,0,5`).",
        examples=["IRA"],
    ),
    AfterValidator(_readable),
]


@router.get("/careers/by-interests", responses=_LIST)
async def careers_by_interests(
    rows: Hot, paging: Paging, riasec: Interests
) -> SqlJson[list[FittingCareerOut]]:
    """List the occupations whose interests are known, those that suit the ones given best first."""
    return await occupations.careers_by_interests(rows, weights_of(riasec), paging)


@router.get("/careers/{onet_code}", responses=_ONE)
async def read_career(rows: Hot, onet_code: OnetCode) -> SqlJson[CareerDetailOut]:
    """Read one occupation in short, with what its page has no data on."""
    return await occupations.career(rows, onet_code)


@router.get("/careers/{onet_code}/related", responses=_LIST | _ONE)
async def related_careers(
    rows: Hot, paging: Paging, onet_code: OnetCode
) -> SqlJson[list[RelatedCareerOut]]:
    """List the occupations close to one, closest first; one without data has none."""
    return await occupations.related(rows, onet_code, paging)


@router.get("/bff/catalog/career/{onet_code}", responses=_ONE)
async def career_page(running: Running, onet_code: OnetCode) -> SqlJson[CareerPageOut]:
    """Read everything on one occupation: the page "See more".

    What there is no data for is empty or null, and named in `absent` with the reason. Tasks that
    were made here of the description, where O*NET has too few, have the source `derived`.
    """
    return await pages.career_page(running.db, onet_code)
