"""Endpoints of jobs, from posting to closing; and of the skills and categories that name them."""

from fastapi import APIRouter

from services.jobs.api import (
    employers,
    internal,
    lifecycle,
    matching,
    posting,
    reference,
    relations,
    search,
)

_TOPICS = (matching, search, posting, lifecycle, relations, employers, reference, internal)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
