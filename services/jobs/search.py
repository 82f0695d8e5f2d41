"""What is asked of the list of jobs, as conditions of SQL over `openings`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from libs.common.reference.pay import monthly_usd
from libs.common.reference.places import places_wanted
from libs.common.reference.salary import Salary
from libs.common.text import fold
from services.jobs.document import query_of
from services.jobs.schemas.search import Wanted
from services.jobs.terms import company_key, type_key
from services.jobs.twos import KINDS, two


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL and the values it names.

    Its words depend on which filters are there, never on what they say.
    """

    sql: str
    values: Mapping[str, Any]
    indexed: bool = False
    """Whether the index over words and facets is the way to what meets it, few or many."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of something that has a number in `facets`, or the number itself."""

    group: int
    """A job has, of each group, one thing at least."""
    kind: str
    key: str
    id: int | None = None


class Facet(NamedTuple):
    """What a name stands for."""

    kind: str
    number: int


def names(wanted: Wanted) -> list[Name]:
    """Return what is asked for by name."""
    typed = (
        ("jobType", wanted.job_type, type_key),
        ("contractType", wanted.contract_type, type_key),
        ("level", wanted.level, type_key),
        ("company", None if wanted.company_id else wanted.company, company_key),
    )
    groups: list[list[tuple[str, str]]] = [
        *([("skill", skill)] for skill in wanted.skills if fold(skill)),
        [("category", category) for category in wanted.categories if fold(category)],
        *([("place", key)] for key in (places_wanted(wanted.loc) if wanted.loc else ())),
        *([(kind, key)] for kind, term, key_of in typed if term and (key := key_of(term))),
    ]
    return [_name(n, *each) for n, group in enumerate(filter(None, groups)) for each in group]


def _name(group: int, kind: str, term: str) -> Name:
    if kind not in {"skill", "category"}:
        return Name(group, kind, term)
    is_id = term.isascii() and term.isdecimal() and len(term) < 7  # others are ids of nothing
    return Name(group, kind, fold(term), int(term) if is_id else None)


def query(wanted: Wanted, meant: Mapping[str, Sequence[str]]) -> Condition | None:
    """Return the text query; None where none is asked.

    Args:
        wanted: what is asked for.
        meant: known words that stand in for mistyped ones.
    """
    if not wanted.q or not fold(wanted.q):
        return None
    sql, values = query_of(":q"), {"q": _plain(wanted.q)}
    for n, (typed, words) in enumerate(meant.items()):
        sql = f"ts_rewrite({sql}, CAST(:typed_{n} AS tsquery), CAST(:meant_{n} AS tsquery))"
        values |= {f"typed_{n}": f"'{typed}'", f"meant_{n}": " | ".join(f"'{w}'" for w in words)}
    unwanted_only = re.fullmatch(r"(-\w+\s*)+", fold(wanted.q))
    return Condition(sql, values, indexed=not unwanted_only)


def _plain(q: str) -> str:
    """Return web-search syntax as PostgreSQL has it: plain quotes, `-` before a word only."""
    return re.sub(r"(?<=[^\s\"])-", " ", re.sub("[“”„«»]", '"', q))


def conditions(
    wanted: Wanted, groups: Sequence[Sequence[Facet]], asked: Condition | None
) -> Condition:
    """Return what openings must meet.

    Args:
        wanted: what is asked for.
        groups: of each, what it must have one of.
        asked: the text query.
    """
    if not all(groups):
        return Condition("false", {})
    parts = [Condition("expires_at > now()", {}), *_parts(wanted, groups, asked)]
    values = {name: value for part in parts for name, value in part.values.items()}
    indexed = any(part.indexed for part in parts)
    return Condition(" AND ".join(part.sql for part in parts), values, indexed)


def _parts(
    wanted: Wanted, groups: Sequence[Sequence[Facet]], asked: Condition | None
) -> Iterator[Condition]:
    # `(SELECT …)` hides what is asked for from the planner: it goes by the index, never through the
    # table because so many match.
    if asked is not None:
        sql = f"(SELECT {asked.sql})" if asked.indexed else asked.sql
        yield Condition(f"words @@ {sql}", asked.values, asked.indexed)
    yield from _having([group[0] for group in groups if len(group) == 1])
    for n, group in enumerate(group for group in groups if len(group) > 1):
        sql = f"facets && (SELECT CAST(:any_{n} AS integer[]))"
        yield Condition(sql, {f"any_{n}": _array([facet.number for facet in group])}, indexed=True)
    if company_id := wanted.company_id:
        yield Condition("company_id = CAST(:company_id AS uuid)", {"company_id": str(company_id)})
    least, most = monthly_usd(Salary(wanted.salary_min, wanted.salary_max, wanted.currency))
    if least is not None:
        yield Condition("(pay_max IS NULL OR pay_max >= :pay_from)", {"pay_from": least})
    if most is not None:
        yield Condition("(pay_min IS NULL OR pay_min <= :pay_to)", {"pay_to": most})
    if wanted.salary_known:
        yield Condition("pay >= 0", {})
    if wanted.exp_max is not None:
        yield Condition("exp_year <= :exp_max", {"exp_max": wanted.exp_max})
    if wanted.posted_within is not None:
        within = "posted_at >= now() - make_interval(days => :posted_within)"
        yield Condition(within, {"posted_within": wanted.posted_within})


def _having(facets: Sequence[Facet]) -> Iterator[Condition]:
    """Yield that openings have each of the facets: two at once where there is a list of such."""
    twos = [
        (one, other)
        for one, other in combinations(sorted(facets, key=lambda facet: facet.number), 2)
        if one.kind != other.kind and one.kind in KINDS and other.kind in KINDS
    ]
    if twos:
        both = _array([two(one.number, other.number) for one, other in twos])
        yield Condition("twos @> (SELECT CAST(:both AS integer[]))", {"both": both}, True)
        # Other twos may have the same number. IS TRUE: each row is asked, not the index.
        sql = "(facets @> CAST(:each AS integer[])) IS TRUE"
        yield Condition(sql, {"each": _array([facet.number for facet in facets])})
    if alone := [facet.number for facet in facets if not any(facet in each for each in twos)]:
        sql = "facets @> (SELECT CAST(:alone AS integer[]))"
        yield Condition(sql, {"alone": _array(alone)}, indexed=True)


def _array(numbers: Sequence[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"
