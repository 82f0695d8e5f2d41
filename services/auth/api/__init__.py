"""The routes of the identity service, a file a topic."""

from fastapi import APIRouter

from services.auth.api import (
    admin,
    candidates,
    employers,
    files,
    passwords,
    people,
    privacy,
    registration,
    signing_in,
    well_known,
)

_TOPICS = (
    registration,
    signing_in,
    passwords,
    people,
    candidates,
    employers,
    files,
    privacy,
    admin,
    well_known,
)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
