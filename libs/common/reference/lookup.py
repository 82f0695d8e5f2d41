"""The skills by id and by any of their names; read when first asked for."""

from collections.abc import Iterable
from functools import cache

from libs.common.reference import ReferenceSkill, load_skills
from libs.common.text import fold


@cache
def _by_name() -> dict[str, ReferenceSkill]:
    return {fold(name): skill for skill in load_skills() for name in (skill.name, *skill.aliases)}


@cache
def _by_id() -> dict[int, ReferenceSkill]:
    return {skill.id: skill for skill in load_skills()}


def skill_named(name: str) -> ReferenceSkill | None:
    """Return the skill that goes by `name`, however it is written; None where none is known."""
    return _by_name().get(fold(name))


def skill_numbered(id_: int) -> ReferenceSkill | None:
    """Return the skill of an id; None where the taxonomy has none, as of those an admin adds."""
    return _by_id().get(id_)


def ids_of(names: Iterable[str]) -> list[int]:
    """Return the ids of the skills that are known of `names`, each once, in their order."""
    found = (skill_named(name) for name in names)
    return list(dict.fromkeys(skill.id for skill in found if skill is not None))


def name_of(id_: int) -> str:
    """Return the name of a skill; of one that the taxonomy has not (any more), its number."""
    skill = skill_numbered(id_)
    return skill.name if skill else str(id_)
