"""The catalogue of what skills are learned from: read, found by skill or by words; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from libs.common.reference.lookup import ids_of, name_of, skill_numbered
from services.careers.entries import DATA, CatalogueWrong, canonical, tables_of
from services.careers.schemas.learning import ResourceOut, ResourceType
from services.careers.words import has_words, searchable, words_of

_STRICT = ConfigDict(extra="forbid", frozen=True)


class _Resource(ResourceOut):
    model_config = _STRICT

    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+/\S*$", max_length=300)]
    description: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Entry(BaseModel):
    """A skill as it stands in a file."""

    model_config = _STRICT

    after: tuple[str, ...] = ()
    """Skills to learn before, where they are missing too."""
    resources: tuple[_Resource, ...] = Field(min_length=3)


@dataclass(frozen=True, slots=True)
class _Indexed:
    resource: ResourceOut
    skills: frozenset[int]
    title: str
    text: str
    """Searchable, as the title: title, description and the names of its skills."""


@dataclass(frozen=True, slots=True)
class Learning:
    """The catalogue."""

    resources: Mapping[int, Sequence[ResourceOut]]
    """Skill id -> what it is learned from."""
    before: Mapping[int, frozenset[int]]
    """Skill id -> everything that it builds on, however far down."""
    index: Sequence[_Indexed]
    """Each address once, in the order of the files."""

    def resources_of(
        self, skills: Iterable[str], type_: ResourceType | None, search: str
    ) -> list[ResourceOut]:
        """Return what the skills, by any of their names, are learned from, in their order.

        A skill that nobody knows has nothing. With `search`, only what has all of its words.
        """
        wanted = ids_of(skills)
        words = words_of(search)
        named = (one for id_ in wanted for one in self.resources.get(id_, ()))
        return [
            one
            for one in {one.url: one for one in named}.values()
            if type_ in {None, one.type}
            and has_words(searchable(one.title, one.description), words)
        ]

    def search(self, query: str, type_: ResourceType | None) -> list[ResourceOut]:
        """Return what has every word of `query`: that skill's own first, then by the title."""
        words, skills = words_of(query), frozenset(ids_of([query]))
        found = [
            (not skills & one.skills, not has_words(one.title, words), place)
            for place, one in enumerate(self.index)
            if type_ in {None, one.resource.type} and words and has_words(one.text, words)
        ]
        return [self.index[place].resource for *_, place in sorted(found)]


@cache
def learning() -> Learning:
    """Return the catalogue that ships with the service, read once.

    Raises:
        CatalogueWrong: it cannot be used.
    """
    return read_learning(DATA / "learning")


def read_learning(folder: Path) -> Learning:
    """Read and validate a catalogue.

    Raises:
        CatalogueWrong: a skill that the taxonomy does not have or that stands there twice, fewer
            than three resources or the same twice, an address that is not https, a circle of
            skills that build on each other.
    """
    entries: dict[int, _Entry] = {}
    for file, table in tables_of(folder):
        for name, content in table.items():
            skill = canonical(name, file)
            if skill.id in entries:
                raise CatalogueWrong(f"{file}: {name!r} stands there twice")
            entries[skill.id] = _entry(content, f"{file}: {name}")
    links = {
        id_: [canonical(name, f"after, of {name_of(id_)}").id for name in entry.after]
        for id_, entry in entries.items()
    }
    resources = {id_: entry.resources for id_, entry in entries.items()}
    before = {id_: frozenset(_below(id_, links, (id_,))) for id_ in entries}
    return Learning(resources, before, _index(resources))


def _entry(content: Any, where: str) -> _Entry:
    try:
        entry = _Entry.model_validate(content)
    except ValidationError as error:
        raise CatalogueWrong(f"{where}: {error}") from error
    for field in ("title", "url"):
        if len({getattr(one, field) for one in entry.resources}) < len(entry.resources):
            raise CatalogueWrong(f"{where}: the same {field} twice")
    return entry


def _below(id_: int, links: Mapping[int, Sequence[int]], way: tuple[int, ...]) -> set[int]:
    found: set[int] = set()
    for lower in links.get(id_, ()):
        if lower in way:
            raise CatalogueWrong(f"after: {' < '.join(map(name_of, (*way, lower)))} is a circle")
        found |= {lower} | _below(lower, links, (*way, lower))
    return found


def _index(resources: Mapping[int, Sequence[ResourceOut]]) -> list[_Indexed]:
    skills: dict[str, set[int]] = {}
    first: dict[str, ResourceOut] = {}
    for id_, listed in resources.items():
        for one in listed:
            skills.setdefault(one.url, set()).add(id_)
            first.setdefault(one.url, one)
    return [_indexed(one, frozenset(skills[url])) for url, one in first.items()]


def _indexed(one: ResourceOut, skills: frozenset[int]) -> _Indexed:
    known = [skill for id_ in sorted(skills) if (skill := skill_numbered(id_))]
    names = [name for skill in known for name in (skill.name, *skill.aliases)]
    text = searchable(one.title, one.description, *names)
    return _Indexed(one, skills, searchable(one.title), text)
