"""What a search for jobs asks for, and what it finds (contract §3, seed B 4.5)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.ids import NIL, parse_id
from libs.common.pagination import Limit
from libs.common.reference.salary import LARGEST, Currency
from libs.common.schemas import Out
from services.jobs.schemas.fields import Term, kept
from services.jobs.schemas.jobs import JobOut

FURTHEST = 10_000
"""Rows that may be passed over by offset; a cursor leads on from there."""
Sort = Literal["newest", "relevance", "salary"]
_Terms = Annotated[list[Term], Field(max_length=20)]
_Amount = Annotated[int, Field(ge=0, le=LARGEST)]


class Wanted(BaseModel):
    """Which jobs are wanted, and in which order; what is absent asks for nothing."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    q: Term | None = Field(
        None,
        description='Web-search syntax (`"a b"`, `-not`, `or`) over title, company, skills and '
        "description. Where nothing matches, slips of the finger are forgiven.",
    )
    loc: Term | None = Field(None, description="A place, in any spelling.")
    skills: _Terms = Field([], alias="skill", description="Names or ids; all of them.")
    categories: _Terms = Field([], alias="cat", description="Names or ids; any of them.")
    job_type: Term | None = Field(None, alias="jobType", examples=["Hybrid"])
    contract_type: Term | None = Field(None, alias="contractType")
    level: Term | None = Field(None, examples=["Senior"])
    company: Term | None = Field(None, description="How its name begins, or its id.")
    salary_min: _Amount | None = Field(
        None, description="A month; jobs that may pay it, and those that do not say."
    )
    salary_max: _Amount | None = Field(None, description="As salary_min.")
    currency: Currency = Field("USD", description="Of salary_min and salary_max.")
    salary_known: bool = Field(False, description="Only jobs that say what they pay.")
    exp_max: Annotated[int, Field(ge=0, le=60)] | None = Field(
        None, description="Years asked for, at most."
    )
    posted_within: Annotated[int, Field(ge=1, le=3650)] | None = Field(None, description="Days.")
    sort: Sort = Field("newest", description="`salary` is highest first; `relevance` is to `q`.")

    @property
    def company_id(self) -> UUID | None:
        """Return the company's id, where that is given."""
        found = parse_id(self.company)
        return found if isinstance(found, UUID) and found != NIL else None


class SearchIn(Wanted):
    """The query of a search: what is wanted, and how much of what is found."""

    limit: Limit = 20
    offset: int = Field(
        0,
        ge=0,
        le=FURTHEST,
        description="Rows to pass over; further on leads the `Link` to the next page.",
    )
    cursor: str | None = Field(
        None, max_length=300, description="Opaque; found in the `Link` to the next page."
    )
    facets: bool = Field(
        False, description="`data` is an object then: what the jobs found share is counted too."
    )


class FacetOut(Out):
    """How many of the jobs found share something."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    id: int = kept(description="Of a skill or a category; absent of others.")
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
