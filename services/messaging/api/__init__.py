"""The routes of the messaging service, a file a topic."""

from fastapi import APIRouter

from services.messaging.api import blocks, follows, messages, notifications, stream

router = APIRouter()
for topic in (messages, notifications, follows, blocks, stream):
    router.include_router(topic.router)
