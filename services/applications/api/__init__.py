"""Endpoints of applications: apply, move on, look back, take back, rate."""

from fastapi import APIRouter

from services.applications.api import applying, feedback, internal, moving

_TOPICS = (applying, moving, feedback, internal)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
