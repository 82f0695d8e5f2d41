"""The sources as they are configured, each with its connection."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from services.ingestion.settings import COUNTRIES, IngestionSettings, SourceName
from services.ingestion.sources import arbeitnow, greenhouse, lever, remotive
from services.ingestion.sources.shape import JobSource
from services.ingestion.sources.theirstack import Search, TheirStack
from services.ingestion.sources.theirstack_client import TheirStackClient

MAX_AGE_DAYS = 15
"""A job that is found today may have been posted days ago."""
_TIMEOUT = 30.0
_BOARDS = {
    "greenhouse": greenhouse.BASE_URL,
    "lever": lever.BASE_URL,
    "remotive": remotive.BASE_URL,
    "arbeitnow": arbeitnow.BASE_URL,
}


def usable_sources(settings: IngestionSettings) -> list[SourceName]:
    """Return those of the configured sources that have what they need."""
    needs = {
        "theirstack": settings.their_stack_api_key,
        "greenhouse": settings.greenhouse_boards,
        "lever": settings.lever_sites,
    }
    return [name for name in settings.job_sources if needs.get(name, True)]


@asynccontextmanager
async def open_source(
    name: SourceName, settings: IngestionSettings, *, max_age_days: int = MAX_AGE_DAYS
) -> AsyncIterator[JobSource]:
    """Open a source for a run; `max_age_days` is how far back TheirStack is searched."""
    if name == "theirstack":
        async with open_theirstack(settings) as client:
            yield TheirStack(
                client,
                searches(settings),
                per_search=settings.max_jobs_per_search,
                budget=settings.their_stack_credits_per_run,
                max_age_days=max_age_days,
                remote_filter=settings.their_stack_remote_filter,
            )
        return
    async with httpx.AsyncClient(base_url=_BOARDS[name], timeout=_TIMEOUT) as http:
        match name:
            case "greenhouse":
                yield greenhouse.Greenhouse(http, settings.greenhouse_boards)
            case "lever":
                yield lever.Lever(http, settings.lever_sites)
            case "remotive":
                yield remotive.Remotive(http)
            case "arbeitnow":
                yield arbeitnow.Arbeitnow(http)


@asynccontextmanager
async def open_theirstack(settings: IngestionSettings) -> AsyncIterator[TheirStackClient]:
    """Open a connection to TheirStack."""
    key = settings.their_stack_api_key
    secret = key.get_secret_value() if key else ""
    async with httpx.AsyncClient(
        base_url=settings.their_stack_base_url,
        timeout=httpx.Timeout(settings.their_stack_timeout, connect=5.0),
        headers={"Authorization": f"Bearer {secret}"},
    ) as http:
        yield TheirStackClient(
            http,
            a_minute=settings.their_stack_rate_limit,
            tries=settings.their_stack_max_retries + 1,
        )


def searches(settings: IngestionSettings) -> Sequence[Search]:
    """Return each role in each place."""
    return [
        Search(role, place, _country(place))
        for role in settings.job_collection_roles
        for place in settings.job_collection_locations
    ]


def _country(place: str) -> str | None:
    if place.lower() == "remote":
        return None
    return COUNTRIES.get(place.lower(), place.upper())
