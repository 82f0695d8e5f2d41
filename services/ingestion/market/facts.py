"""What the market counts of one posting; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.ingestion.market.pay import yearly_usd
from services.ingestion.market.places import places_of
from services.ingestion.market.roles import roles_of, words_of


class PostingRow(Protocol):
    """The columns of a posting that the market reads."""

    title: str
    location: str | None
    country_code: str | None
    date_posted: date | None
    scraped_at: datetime
    salary_min: int | None
    salary_max: int | None
    salary_currency: str | None
    salary_period: str | None
    salary_string: str | None
    remote: bool | None
    technology_slugs: list[str]
    skill_ids: list[int]
    duplicate_of: UUID | None


class Counted(NamedTuple):
    """Something that is counted by day."""

    kind: str
    """posting, remote, skill, technology, place, role, salary; or told, that there is any."""
    key: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A posting as it counts; each list is sorted, and names nothing twice."""

    day: date
    """When it was posted, but no later than it was found; else when it was found (UTC)."""
    skill_ids: list[int]
    technologies: list[str]
    places: list[str]
    roles: list[str]
    words: list[str]
    """Of its title."""
    remote: bool | None
    salary: int | None
    """US dollars a year, see `pay`."""


def facts_of(posting: PostingRow) -> Facts | None:
    """Return what counts of a posting; None of a near-copy, for which another counts."""
    if posting.duplicate_of is not None:
        return None
    found = posting.scraped_at.date()
    return Facts(
        day=min(posting.date_posted or found, found),
        skill_ids=sorted(set(posting.skill_ids)),
        technologies=sorted(set(posting.technology_slugs)),
        places=sorted(places_of(posting.location, posting.country_code, remote=posting.remote)),
        roles=sorted(roles_of(posting.title)),
        words=sorted(set(words_of(posting.title))),
        remote=posting.remote,
        salary=yearly_usd(
            posting.salary_min,
            posting.salary_max,
            posting.salary_currency,
            posting.salary_period,
            posting.salary_string,
        ),
    )


def counted(facts: Facts) -> Iterator[Counted]:
    """Yield all that a posting adds one to."""
    yield Counted("posting", "")
    if facts.remote is not None:
        yield Counted("remote", "yes" if facts.remote else "no")
    if facts.salary is not None:
        yield Counted("salary", str(facts.salary))
    for kind, keys in (
        ("skill", [str(skill) for skill in facts.skill_ids]),
        ("technology", facts.technologies),
        ("place", facts.places),
        ("role", facts.roles),
    ):
        yield from (Counted(kind, key) for key in keys)
        if keys:
            yield Counted("told", kind)
