"""What a search for jobs finds (seed B 4.5)."""

from pydantic import Field

from libs.common.schemas import Out
from services.jobs.schemas.jobs import JobOut


class FacetOut(Out):
    """How many of the jobs found share something."""

    id: int | None = Field(None, description="Of a skill or a category; absent of others.")
    name: str
    count: int


class FacetsOut(Out):
    """What the jobs found share, the most frequent first, twenty of each kind at most."""

    skills: list[FacetOut]
    categories: list[FacetOut]
    locations: list[FacetOut]
    levels: list[FacetOut]
    job_types: list[FacetOut]


class FoundJobsOut(Out):
    """A page of jobs with what all that were found, or the newest 1,000 of them, share."""

    items: list[JobOut]
    facets: FacetsOut
