"""The routes of the identity service, a file a topic."""

from fastapi import APIRouter

from services.auth.api import (
    candidates,
    employers,
    people,
    registration,
    signing_in,
    well_known,
)

router = APIRouter()
for topic in (registration, signing_in, people, candidates, employers, well_known):
    router.include_router(topic.router)
