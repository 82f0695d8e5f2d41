"""Entries of the catalogues in `data/`: read from TOML, and held to the names of the taxonomy."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from libs.common.reference import ReferenceSkill
from libs.common.reference.lookup import skill_named

DATA = Path(__file__).parent / "data"


class CatalogueWrong(ValueError):
    """An entry of a catalogue cannot be used; says which, and why."""


def tables_of(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return name and content of each TOML file of a folder, by name.

    Raises:
        CatalogueWrong: one is no TOML.
    """
    for file in sorted(folder.glob("*.toml")):
        try:
            yield file.name, tomllib.loads(file.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CatalogueWrong(f"{file.name}: {error}") from error


def canonical(name: str, where: str) -> ReferenceSkill:
    """Return the skill whose own name, no alias, is `name`; `where` is told in the error.

    Raises:
        CatalogueWrong: the taxonomy has none.
    """
    skill = skill_named(name)
    if skill is None or skill.name != name:
        meant = f": it is called {skill.name!r}" if skill else ""
        raise CatalogueWrong(f"{where}: {name!r} is no name of the taxonomy{meant}")
    return skill
