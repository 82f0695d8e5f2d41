"""The routes of the ingestion service, a file a topic."""

from fastapi import APIRouter

from services.ingestion.api import gap, internal, market, postings, skills

_TOPICS = (market, postings, skills, gap, internal)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
