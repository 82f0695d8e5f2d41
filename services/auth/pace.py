"""The pace of an answer: it is not to tell what was found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def no_sooner_than(seconds: float) -> AsyncIterator[None]:
    """Make a block last so long, however little there was to do in it.

    Where somebody is known rows are locked and written; for a stranger that cannot be done alike.
    """
    pause = asyncio.create_task(asyncio.sleep(seconds))
    try:
        yield
    finally:
        await pause
