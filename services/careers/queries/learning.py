"""What there is to learn from."""

from libs.common.pagination import PageIn, Window, page_headers
from services.careers.learning import learning
from services.careers.schemas.learning import ResourceFilterOut, ResourcesFoundOut, ResourceType


def resources_found(
    query: str, type_: ResourceType | None, paging: Window
) -> PageIn[ResourcesFoundOut]:
    """Return a page of the resources that have every word of `query`."""
    found = learning().search(query, type_)
    limit, offset = paging.limit, paging.offset
    shown = ResourcesFoundOut(
        resources=found[offset : offset + limit],
        total_found=len(found),
        search_query=query,
        filters_applied=ResourceFilterOut(resource_type=type_, limit=limit, offset=offset),
    )
    return PageIn(shown, page_headers(len(found), paging))
