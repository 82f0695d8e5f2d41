"""Skills and categories."""

import re
from collections.abc import Sequence
from itertools import islice, product

from libs.common.context import language
from libs.common.envelope import SqlJson
from libs.common.pagination import Window, page
from libs.common.rows import Rows
from libs.common.sessions import ReadSession, WriteSession
from libs.common.text import fold
from services.jobs.models import Category, Skill
from services.jobs.naming import CATEGORIES, SKILLS, names_of
from services.jobs.schemas.reference import CategoryOut, SkillOut, TendedCategoryOut, TendedSkillOut
from services.jobs.typos import BEGINNING, SHORTEST, closest

_WORDS = 8
"""Of more than so many words none is corrected: no name of the reference data has more."""
_GUESSES = 10
"""How many readings of a mistyped text are looked for."""
_ALL = "SELECT id, id AS place FROM skills WHERE merged_into IS NULL"
# The beginning of a name comes before that of a word in it, and that before any other part; and
# what is shown before an alias. A single letter is looked for at the beginning only.
_LIKE = """
    SELECT skills.id, 1000000 * min(CASE
        WHEN key = part THEN 0 WHEN starts_with(key, part) THEN 2
        WHEN strpos(key, ' ' || part) > 0 THEN 4 ELSE 6
    END + CASE WHEN named.name = skills.name THEN 0 ELSE 1 END) + skills.id AS place
    FROM skill_names AS named JOIN skills ON skills.id = skill_id,
        unnest(CAST(:parts AS text[])) AS part
    WHERE CASE length(part) WHEN 1 THEN starts_with(key, part) ELSE strpos(key, part) > 0 END
    GROUP BY skills.id
"""
_PAGE = """
    WITH found AS MATERIALIZED ({found})
    SELECT (SELECT count(*) FROM found) AS total, coalesce(
        json_agg(json_build_object('id', skills.id, 'name', skills.name) ORDER BY place), '[]'
    )::text AS skills
    FROM (SELECT id, place FROM found ORDER BY place LIMIT :limit OFFSET :offset) AS page
    JOIN skills USING (id)
"""
_NEAR = "SELECT word FROM skill_words WHERE variants && CAST(:slips AS text[])"
_CATEGORIES = """
    SELECT count(*), coalesce(json_agg(json_build_object(
        'id', id, 'name', CASE :language WHEN 'en' THEN name_en ELSE name_vi END
    ) ORDER BY id), '[]')::text FROM categories WHERE merged_into IS NULL
"""


async def skills_like(rows: Rows, q: str | None, paging: Window) -> SqlJson[list[SkillOut]]:
    """List skills, the best known first; of `q`, those that have it in a name or alias.

    Those that are called so come first, then those that begin with it. Where there are none, words
    that no skill has are taken for slips of those that some have.
    """
    asked = fold(q or "")
    total, skills = await _page(rows, [asked], paging)
    if not total and (meant := await _meant_by(rows, asked)):
        total, skills = await _page(rows, meant, paging)
    return SqlJson(skills.encode(), page([], total, paging).headers, total)


async def all_categories(rows: Rows) -> SqlJson[list[CategoryOut]]:
    """List the fields of work, named in the caller's language."""
    [(total, categories)] = await rows.read(_CATEGORIES, language=language())
    return SqlJson(categories.encode(), {"X-Total-Count": str(total)}, total)


async def tended_skill(session: ReadSession | WriteSession, skill_id: int) -> TendedSkillOut:
    """Return a skill as an admin sees it."""
    skill = await session.get_one(Skill, skill_id)
    aliases = [name for name in await names_of(session, SKILLS, skill_id) if name != skill.name]
    return TendedSkillOut(id=skill_id, name=skill.name, kind=skill.kind, aliases=aliases)


async def tended_category(
    session: ReadSession | WriteSession, category_id: int
) -> TendedCategoryOut:
    """Return a field of work as an admin sees it."""
    found = await session.get_one(Category, category_id)
    shown = {found.name_vi, found.name_en}
    aliases = [n for n in await names_of(session, CATEGORIES, category_id) if n not in shown]
    return TendedCategoryOut(
        id=category_id, name_vi=found.name_vi, name_en=found.name_en, aliases=aliases
    )


async def _page(rows: Rows, parts: Sequence[str], paging: Window) -> tuple[int, str]:
    sql = _PAGE.format(found=_LIKE if any(parts) else _ALL)
    window = {"limit": paging.limit, "offset": paging.offset}
    [(total, skills)] = await rows.read(sql, parts=list(parts), **window)
    return total, skills


async def _meant_by(rows: Rows, q: str) -> list[str]:
    """Return what `q` may have been meant to be, each of its words being that of some name."""
    words = re.findall(r"[^\W_]+", q)
    slips = {word: _slips(word) for word in words if len(word) >= SHORTEST}
    if not slips or len(words) > _WORDS:
        return []
    known = await rows.read(_NEAR, slips=list(set().union(*slips.values())))
    near = {
        typed: closest(
            typed, [word for (word,) in known if not its.isdisjoint(_slips(word))], unfinished=True
        )
        for typed, its in slips.items()
    }
    readings = [_reading(word, near.get(word, [])) for word in words]
    return [" ".join(reading) for reading in islice(product(*readings), _GUESSES)]


def _reading(typed: str, near: list[str]) -> list[str]:
    """Return the words to look for: what is typed where some word begins so, or none is near."""
    return near if near and not near[0].startswith(typed) else [typed]


def _slips(word: str) -> set[str]:
    """Return how a word begins, and what is left of that without one letter (`SkillWord`)."""
    word = word[:BEGINNING]
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}
