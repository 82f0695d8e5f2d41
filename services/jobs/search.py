"""What is asked of the list of jobs, as conditions of SQL over `jobs`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.common.text import fold
from services.jobs.places import place_key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; whatever is absent or blank asks for nothing."""

    q: str | None = None
    """Web-search syntax over title, company and description."""
    loc: str | None = None
    skills: Sequence[str] = ()
    """Names or ids; a job has all of them."""
    categories: Sequence[str] = ()
    """Names or ids; a job has one of them."""


def conditions(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the WHERE clause that open jobs must meet, and the values it names.

    The words of the clause depend on which filters are there, never on what they say.
    """
    clauses = ["status = 'Active'", "expires_at > now()"]
    values: dict[str, Any] = {}
    if words := fold(wanted.q or ""):
        clauses.append("document @@ websearch_to_tsquery('simple', :words)")
        values["words"] = words
    if place := place_key(wanted.loc or ""):
        clauses.append("places @> ARRAY[:place]")
        values["place"] = place
    for number, skill in enumerate(filter(fold, wanted.skills)):
        clauses.append(_has_one("skill", f"skill_{number}"))
        values |= _named(f"skill_{number}", [skill])
    if categories := list(filter(fold, wanted.categories)):
        clauses.append(_has_one("category", "category"))
        values |= _named("category", categories)
    return " AND ".join(clauses), values


def behind(newer: tuple[Any, ...] | None) -> tuple[str, dict[str, Any]]:
    """Return the clause that the jobs behind one meet, newest first, and the values it names.

    `newer` are the instant of posting and the id of that one; None stands before the first.
    """
    if newer is None:
        return "true", {}
    posted_at, job_id = newer
    return "(posted_at, id) < (:posted_at, :id)", {"posted_at": posted_at, "id": job_id}


_HAS_ONE = """id IN (
    SELECT job_id FROM {link} JOIN {table} ON {table}.id = {link}.{column}
    WHERE {table}.id = ANY(CAST(:{name}_ids AS integer[]))
        OR {table}.keys && CAST(:{name}_keys AS text[])
)"""
_LINKS = {
    "skill": {"link": "job_skills", "table": "skills", "column": "skill_id"},
    "category": {"link": "job_categories", "table": "categories", "column": "category_id"},
}


def _has_one(of: str, name: str) -> str:
    return _HAS_ONE.format(**_LINKS[of], name=name)


def _named(name: str, terms: Sequence[str]) -> dict[str, list[Any]]:
    ids = [int(term) for term in terms if _is_id(term)]
    return {f"{name}_ids": ids, f"{name}_keys": [fold(t) for t in terms if not _is_id(t)]}


def _is_id(term: str) -> bool:
    return term.isascii() and term.isdecimal() and len(term) < 10
