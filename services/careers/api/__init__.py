"""The routes of the careers service, a file a topic."""

from fastapi import APIRouter

from services.careers.api import learning, occupations, projects

_TOPICS = (occupations, learning, projects)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
