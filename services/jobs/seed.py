"""Loads the reference data: skills and categories."""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from libs.common.db import WriteSession
from libs.common.reference import load_skills
from libs.common.text import fold
from services.jobs.models import Category, Skill

_CATEGORIES = Path(__file__).parent / "data" / "categories.toml"


async def seed(session: WriteSession) -> None:
    """Insert what is missing and correct what was changed; safe to run again."""
    await _upsert(session, Skill, skill_rows())
    await _upsert(session, Category, category_rows())


def skill_rows() -> list[dict[str, Any]]:
    """Return the skills as rows."""
    return [
        {"id": s.id, "name": s.name, "kind": s.kind, "keys": _keys(s.name, *s.aliases)}
        for s in load_skills()
    ]


def category_rows() -> list[dict[str, Any]]:
    """Return the categories as rows."""
    entries = tomllib.loads(_CATEGORIES.read_text("utf-8"))["categories"]
    return [
        {
            "id": entry["id"],
            "name_vi": entry["vi"],
            "name_en": entry["en"],
            "keys": _keys(entry["vi"], entry["en"], *entry["aliases"]),
        }
        for entry in entries
    ]


def _keys(*names: str) -> list[str]:
    return list(dict.fromkeys(map(fold, names)))


async def _upsert(
    session: WriteSession, model: type[Skill | Category], rows: list[dict[str, Any]]
) -> None:
    statement = insert(model).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0]}
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
