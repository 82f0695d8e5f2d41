"""The routes of the messaging service, a file a topic."""

from fastapi import APIRouter

from services.messaging.api import blocks, follows, messages, notifications, stream

_TOPICS = (messages, notifications, follows, blocks, stream)

# Not `include_router`, which would hide the routes from whoever walks over them.
router = APIRouter(routes=[route for topic in _TOPICS for route in topic.router.routes])
