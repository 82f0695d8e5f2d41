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

router = APIRouter()
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
for topic in _TOPICS:
    router.include_router(topic.router)
