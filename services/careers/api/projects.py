"""Projects: ideas to practise on, set against what the caller can (seed N)."""

from typing import Annotated

from fastapi import Depends, Query, Request

from libs.common.errors import Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, PageIn, Paging, Window, window
from libs.common.service import service_router
from services.careers.api.asking import Asker, Said
from services.careers.queries import projects
from services.careers.schemas.projects import (
    Difficulty,
    ProjectOut,
    ProjectsFoundOut,
    RecommendationsOut,
)

router = service_router("careers")
_SIGNED_IN = openapi_errors(Unauthenticated)

Hardness = Annotated[Difficulty | None, Query(description="Only projects of this difficulty.")]
Ten = Annotated[int, Query(ge=1, le=50)]


async def _fifty(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="Rows a page.")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")] = 0,
) -> Window:
    return await window(request, limit, offset)


@router.get("/projects/recommendations", responses=_SIGNED_IN)
async def recommended_projects(
    who: Asker,
    difficulty: Hardness = None,
    skill_focus: Annotated[
        list[Said], Query(max_length=50, description="Only projects that use any of these.")
    ] = [],  # noqa: B006 - FastAPI copies it
    limit: Ten = 10,
) -> RecommendationsOut:
    """Read which projects suit my skills and experience best, and what to learn for more."""
    return projects.recommended(who, difficulty, skill_focus, limit)


@router.get("/projects/skill-building", responses=_SIGNED_IN)
async def skill_building_projects(
    who: Asker,
    skills: Annotated[
        list[Said], Query(min_length=1, max_length=50, description="What to build, by any name.")
    ],
    difficulty: Hardness = None,
    limit: Ten = 10,
) -> Page[ProjectOut]:
    """List projects that build skills: those that use most of them first, then by fit."""
    return projects.building(who, skills, difficulty, limit)


@router.get("/projects/search", responses=_SIGNED_IN)
async def search_projects(
    me: SignedIn,
    paging: Paging,
    query: Annotated[Said, Query(description="Words of title, description, features or skills.")],
    skills: Annotated[
        list[Said], Query(max_length=50, description="Only projects that use all of these.")
    ] = [],  # noqa: B006 - FastAPI copies it
    difficulty: Hardness = None,
) -> PageIn[ProjectsFoundOut]:
    """Search projects by the beginnings of words; case and diacritics do not matter."""
    return projects.projects_found(query, skills, difficulty, paging)


@router.get("/projects/all", responses=_SIGNED_IN)
async def list_projects(
    who: Asker, paging: Annotated[Window, Depends(_fifty)], difficulty: Hardness = None
) -> Page[ProjectOut]:
    """List all projects, those that suit me best first."""
    return projects.all_projects(who, difficulty, paging)
