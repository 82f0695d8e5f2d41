"""Learning: resources of skills, and the way to a role (seed N)."""

from typing import Annotated

from fastapi import Depends, Query

from libs.common.errors import Unauthenticated
from libs.common.identity import SignedIn
from libs.common.openapi import openapi_errors
from libs.common.pagination import Page, PageIn, Paging
from libs.common.peers import Peer
from libs.common.service import Running, service_router
from services.careers.api.asking import Asker, Said
from services.careers.errors import RoleNotTargeted
from services.careers.learning import learning
from services.careers.queries.learning import resources_found
from services.careers.queries.roadmap import roadmap, role_of
from services.careers.schemas.learning import (
    ResourceOut,
    ResourcesFoundOut,
    ResourceType,
    RoadmapOut,
)

router = service_router("careers")
_SIGNED_IN = openapi_errors(Unauthenticated)

Wanted = Annotated[ResourceType | None, Query(description="Only resources of this type.")]


async def _ingestion(
    running: Running,
    include_gap_analysis: Annotated[
        bool, Query(description="Whether to ask what postings of the role want.")
    ] = True,
) -> Peer | None:
    return running.peers["ingestion"] if include_gap_analysis else None


@router.get("/learning/roadmap", responses=openapi_errors(RoleNotTargeted, Unauthenticated))
async def learning_roadmap(
    me: SignedIn,
    who: Asker,
    ingestion: Annotated[Peer | None, Depends(_ingestion)],
    target_role: Annotated[
        Said | None, Query(description="One of my target roles; by default the first of them.")
    ] = None,
) -> RoadmapOut:
    """Read my way to a role: what I miss comes first, most asked for first, with resources.

    What postings want is asked of the ingestion service; without its answer the way is made of
    what the role usually needs, and `gap_analysis` says so.
    """
    return await roadmap(who, role_of(who, target_role), ingestion, me.token)


@router.get("/learning/resources", responses=_SIGNED_IN)
async def learning_resources(
    me: SignedIn,
    skills: Annotated[
        list[Said],
        Query(min_length=1, max_length=50, description="By any name; unknown ones have none."),
    ],
    resource_type: Wanted = None,
    search: Annotated[Said | None, Query(description="Words that a resource has to have.")] = None,
) -> Page[ResourceOut]:
    """List what skills are learned from, in the order of the skills."""
    found = learning().resources_of(skills, resource_type, search or "")
    return Page(found, len(found), {"X-Total-Count": str(len(found))})


@router.get("/learning/resources/search", responses=_SIGNED_IN)
async def search_learning_resources(
    me: SignedIn,
    paging: Paging,
    query: Annotated[Said, Query(description="Words, or a skill.")],
    resource_type: Wanted = None,
) -> PageIn[ResourcesFoundOut]:
    """Search resources; those of the skill that is named come first."""
    return resources_found(query, resource_type, paging)
