"""The catalogues that ship with the service, read before anybody asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.common.service import Runtime
from services.careers.learning import learning
from services.careers.projects import projects
from services.careers.roadmap import usual_skills


@asynccontextmanager
async def catalogues_read(runtime: Runtime) -> AsyncIterator[None]:
    """Read and validate them as the app starts; a mistake in them ends the start.

    Raises:
        CatalogueWrong: an entry cannot be used.
    """
    learning(), projects(), usual_skills()
    yield
