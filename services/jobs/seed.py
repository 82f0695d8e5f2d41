"""Loads the reference data: skills and categories, and what they are called.

What an admin changed stays as he left it. A name that he gave to something of his own stays his:
a new entry of the reference data that bears it arrives as merged into that.
"""

import tomllib
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from libs.common.contracts.jobs import SkillUpdated
from libs.common.messaging import publish
from libs.common.reference import load_skills
from libs.common.sessions import WriteSession
from libs.common.text import fold
from services.jobs.naming import CATEGORIES, SKILLS, Entry, Vocabulary, hold_names, learn_words
from services.jobs.openings import index_missing

_CATEGORIES = Path(__file__).parent / "data" / "categories.toml"

_ENTRIES = """
    INSERT INTO {table} AS known (id, {first}, {second}, merged_into, tended)
    SELECT DISTINCT ON (given.id) given.id, given.{first}, given.{second}, his.id,
        his.id IS NOT NULL
    FROM json_to_recordset(CAST(:entries AS json))
        AS given (id integer, key text, {first} text, {second} text)
    LEFT JOIN {names} AS named ON named.key = given.key
    LEFT JOIN {table} AS his ON his.id = named.{id} AND his.tended
    ORDER BY given.id
    ON CONFLICT (id) DO UPDATE SET {first} = excluded.{first}, {second} = excluded.{second}
    WHERE NOT known.tended
        AND (known.{first}, known.{second}) <> (excluded.{first}, excluded.{second})
"""
_GIVEN = """
    WITH given AS (
        SELECT given.* FROM json_to_recordset(CAST(:names AS json))
            AS given (key text, id integer, name text)
        JOIN {table} AS known ON known.id = given.id WHERE NOT known.tended
    )
"""
_OLD_NAMES = f"""{_GIVEN}
    DELETE FROM {{names}} AS old USING {{table}} AS known
    WHERE known.id = old.{{id}} AND NOT known.tended
        AND (old.key, old.{{id}}, old.name) NOT IN (SELECT key, id, name FROM given)
"""  # noqa: S608 - put together of constants
_NEW_NAMES = f"""{_GIVEN}
    INSERT INTO {{names}} (key, {{id}}, name) SELECT key, id, name FROM given
    ON CONFLICT DO NOTHING
"""  # noqa: S608


# Others know of entries by events, and of the reference data by themselves.
_UNTOLD = text(
    """
    UPDATE skills SET version = 1 WHERE tended AND version = 0
    RETURNING id AS skill_id, name, merged_into, version
    """
)


async def seed(session: WriteSession) -> None:
    """Insert what is missing and correct what was changed; safe to run again."""
    await hold_names(session)
    await _load(session, SKILLS, skill_rows(), skill_names())
    await _load(session, CATEGORIES, category_rows(), category_names())
    await learn_words(session)
    for skill in (await session.execute(_UNTOLD)).mappings():
        publish(session, SkillUpdated(**skill))
    await index_missing(session)


def skill_rows() -> list[dict[str, Any]]:
    """Return the skills as rows."""
    return [{"id": skill.id, "name": skill.name, "kind": skill.kind} for skill in load_skills()]


def skill_names() -> list[dict[str, Any]]:
    """Return what the skills are called as rows."""
    return _names({skill.id: [skill.name, *skill.aliases] for skill in load_skills()})


def category_rows() -> list[dict[str, Any]]:
    """Return the categories as rows."""
    return [{"id": c["id"], "name_vi": c["vi"], "name_en": c["en"]} for c in _categories()]


def category_names() -> list[dict[str, Any]]:
    """Return what the categories are called as rows."""
    return _names({c["id"]: [c["vi"], c["en"], *c["aliases"]] for c in _categories()})


def _categories() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(_CATEGORIES.read_text("utf-8"))["categories"]
    return entries


def _names(called: dict[int, list[str]]) -> list[dict[str, Any]]:
    """Return a row of each name; of an entry's names that fold to the same, the first."""
    return [
        {"key": key, "id": id_, "name": name}
        for id_, names in called.items()
        for key, name in {fold(name): name for name in reversed(names)}.items()
    ]


async def _load(
    session: WriteSession,
    vocabulary: Vocabulary[Entry],
    entries: list[dict[str, Any]],
    names: list[dict[str, Any]],
) -> None:
    _, first, second = entries[0]
    keyed = [{**entry, "key": fold(entry[first])} for entry in entries]
    rows = {"entries": orjson.dumps(keyed).decode()}
    await session.execute(vocabulary.statement(_ENTRIES, first=first, second=second), rows)
    called = {"names": orjson.dumps(names).decode()}
    await session.execute(vocabulary.statement(_OLD_NAMES), called)
    await session.execute(vocabulary.statement(_NEW_NAMES), called)
