"""The skills by id and by any of their names, as the reference data has them; pure."""

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


def ids_of(names: Iterable[str]) -> set[int]:
    """Return the ids of the skills that are known of `names`."""
    return {skill.id for name in names if (skill := skill_named(name))}


def name_of(id_: int) -> str:
    """Return the name of a skill; of one that an older taxonomy had, its number."""
    skill = _by_id().get(id_)
    return skill.name if skill else str(id_)
