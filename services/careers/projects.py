"""The catalogue of project ideas: read, searched, set against what a candidate can; pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, get_args

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from services.careers.candidates import Candidate
from services.careers.entries import DATA, CatalogueWrong, canonical, tables_of
from services.careers.schemas.projects import Difficulty, ProjectIdeaOut, ProjectOut
from services.careers.words import has_words, searchable, words_of

_STEP = 15.0
"""How many percent of its skills a project may lack more to suit as well as one a stage further
from the candidate's own."""
_GOOD = 50.0
"""From which best match on a candidate has a foundation to build on."""
_STAGES = get_args(Difficulty)
"""In the order of a candidate's stages."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Idea(ProjectIdeaOut):
    """A project as it stands in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(ge=1)
    title: Line
    description: Line
    estimated_time: Annotated[str, StringConstraints(pattern=r"^\d{1,2}-\d{1,2} weeks$")]
    skills: list[str] = Field(min_length=3, max_length=8)
    features: list[Line] = Field(min_length=4, max_length=6)


@dataclass(frozen=True, slots=True)
class Project:
    """An idea, with what it is found by."""

    idea: ProjectIdeaOut
    skills: tuple[int, ...]
    """Ids, in the order of the names."""
    title: str
    text: str
    """Searchable, as the title: all that is said of it, and the names of its skills."""

    def match(self, skills: Collection[int]) -> float:
        """Return how many percent of its skills are among `skills`."""
        return round(100 * sum(skill in skills for skill in self.skills) / len(self.skills), 1)

    def missing(self, skills: Collection[int]) -> list[str]:
        """Return the names of its skills that are not among `skills`."""
        named = zip(self.skills, self.idea.skills, strict=True)
        return [name for skill, name in named if skill not in skills]

    def fit(self, who: Candidate) -> float:
        """Return how well it suits: the match, less `_STEP` for each stage of too hard or easy."""
        apart = 0 if who.stage is None else abs(who.stage - _STAGES.index(self.idea.difficulty))
        return self.match(who.skills) - _STEP * apart

    def for_(self, who: Candidate) -> ProjectOut:
        """Return it set against what a candidate can."""
        return ProjectOut(
            **dict(self.idea),
            skill_match_percentage=self.match(who.skills),
            missing_skills=self.missing(who.skills),
        )


def narrowed(difficulty: Difficulty | None) -> list[Project]:
    """Return the projects of a difficulty, or all."""
    return [one for one in projects() if difficulty in {None, one.idea.difficulty}]


def by_fit(found: Iterable[Project], who: Candidate) -> list[Project]:
    """Order projects by how well they suit a candidate, then by id."""
    return sorted(found, key=lambda one: (-one.fit(who), one.idea.id))


def using(found: Iterable[Project], skills: Collection[int]) -> list[Project]:
    """Return the projects that use any of `skills`, those that use most of them first."""
    some = [one for one in found if not set(skills).isdisjoint(one.skills)]
    return sorted(some, key=lambda one: -len(set(skills) & set(one.skills)))


def search(found: Iterable[Project], query: str, skills: Collection[int]) -> list[Project]:
    """Return the projects that have every word of `query` and use all of `skills`.

    Those that have the words in their title come first, then by id.
    """
    words = words_of(query)
    hits = [
        one
        for one in found
        if words and has_words(one.text, words) and set(skills) <= {*one.skills}
    ]
    return sorted(hits, key=lambda one: (not has_words(one.title, words), one.idea.id))


def advice(shown: Sequence[Project], who: Candidate) -> list[tuple[str, dict[str, object]]]:
    """Return what to say beside recommended projects: keys of messages, and their values."""
    if not shown:
        return [("projects_none", {})]
    if not who.skills:
        return [("projects_no_skills", {})]
    best = max(one.match(who.skills) for one in shown)
    given: list[tuple[str, dict[str, object]]] = [
        ("projects_good" if best >= _GOOD else "projects_start", {})
    ]
    lacking = Counter(name for one in shown for name in one.missing(who.skills))
    for name, count in lacking.most_common(1):
        given.append(("projects_learn", {"skill": name, "count": count}))
    return given


@cache
def projects() -> Sequence[Project]:
    """Return the catalogue that ships with the service, by id, read once.

    Raises:
        CatalogueWrong: it cannot be used.
    """
    return read_projects(DATA / "projects")


def read_projects(folder: Path) -> Sequence[Project]:
    """Read and validate a catalogue.

    Raises:
        CatalogueWrong: a skill that the taxonomy does not have, a title that stands there twice,
            ids that are not 1, 2, 3 and so on, or too few or too many of something.
    """
    found = [
        _project(content, file)
        for file, table in tables_of(folder)
        for content in table["projects"]
    ]
    found.sort(key=lambda one: one.idea.id)
    if [one.idea.id for one in found] != list(range(1, len(found) + 1)):
        raise CatalogueWrong("projects: the ids are not 1, 2, 3 and so on, each once")
    titles = Counter(one.title for one in found)
    if twice := [title.strip() for title, count in titles.items() if count > 1]:
        raise CatalogueWrong(f"projects: stand there twice: {twice}")
    return tuple(found)


def _project(content: dict[str, object], file: str) -> Project:
    where = f"{file}: {content.get('title')}"
    try:
        idea = _Idea.model_validate(content)
    except ValidationError as error:
        raise CatalogueWrong(f"{where}: {error}") from error
    skills = [canonical(name, where) for name in idea.skills]
    names = [name for skill in skills for name in (skill.name, *skill.aliases)]
    text = searchable(idea.title, idea.description, *idea.features, *names)
    return Project(idea, tuple(skill.id for skill in skills), searchable(idea.title), text)
