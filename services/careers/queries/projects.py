"""Project ideas for a candidate."""

from collections.abc import Sequence

from libs.common.i18n import say
from libs.common.pagination import Page, PageIn, Window, page, page_headers
from libs.common.reference.lookup import ids_of
from services.careers.candidates import Candidate
from services.careers.projects import advice, by_fit, narrowed, search, using
from services.careers.schemas.projects import (
    Difficulty,
    ProjectFilterOut,
    ProjectOut,
    ProjectsFoundOut,
    RecommendationFilterOut,
    RecommendationsOut,
)


def recommended(
    who: Candidate, difficulty: Difficulty | None, focus: Sequence[str], limit: int
) -> RecommendationsOut:
    """Return the projects that suit a candidate best, and advice; with `focus`, using any of it."""
    found = by_fit(narrowed(difficulty), who)
    if focus:
        found = using(found, ids_of(focus))
    shown = found[:limit]
    return RecommendationsOut(
        projects=[one.for_(who) for one in shown],
        total_projects=len(found),
        filters_applied=RecommendationFilterOut(
            difficulty=difficulty, skill_focus=list(focus), limit=limit
        ),
        user_skill_count=who.skill_count,
        recommendations=[say(f"messages.{key}", **values) for key, values in advice(shown, who)],
    )


def building(
    who: Candidate, skills: Sequence[str], difficulty: Difficulty | None, limit: int
) -> Page[ProjectOut]:
    """Return projects that use any of `skills`: those that use most of them first, then by fit."""
    found = using(by_fit(narrowed(difficulty), who), ids_of(skills))
    shown = [one.for_(who) for one in found[:limit]]
    return Page(shown, len(found), {"X-Total-Count": str(len(found))})


def projects_found(
    query: str, skills: Sequence[str], difficulty: Difficulty | None, paging: Window
) -> PageIn[ProjectsFoundOut]:
    """Return a page of the projects that have every word of `query`, and use all of `skills`.

    A skill that nobody knows is used by none.
    """
    ids = {id_ for name in skills for id_ in ids_of([name]) or [0]}
    found = search(narrowed(difficulty), query, ids)
    limit, offset = paging.limit, paging.offset
    shown = ProjectsFoundOut(
        projects=[one.idea for one in found[offset : offset + limit]],
        total_found=len(found),
        search_query=query,
        filters_applied=ProjectFilterOut(
            skills=list(skills), difficulty=difficulty, limit=limit, offset=offset
        ),
    )
    return PageIn(shown, page_headers(len(found), paging))


def all_projects(who: Candidate, difficulty: Difficulty | None, paging: Window) -> Page[ProjectOut]:
    """List projects by how well they suit a candidate."""
    found = by_fit(narrowed(difficulty), who)
    shown = found[paging.offset : paging.offset + paging.limit]
    return page([one.for_(who) for one in shown], len(found), paging)
