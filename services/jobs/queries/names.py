"""The numbers that stand in `facets` for what is asked for by name; words that were mistyped."""

from collections import defaultdict
from collections.abc import Sequence

import orjson

from libs.common.rows import Rows
from services.jobs.document import words_of
from services.jobs.openings import CATEGORIES_FROM
from services.jobs.search import Facet, Name
from services.jobs.typos import LONGEST, SHORTEST, closest, variants_of

# For each name by itself, hence by an index: nobody knows how many names there are.
_NUMBERS = f"""
    SELECT "group", term, number FROM json_to_recordset(CAST(:names AS json))
        AS asked ("group" integer, kind text, key text, id integer),
    LATERAL (
        SELECT 'skill' AS term, coalesce(merged_into, skills.id) AS number FROM skills
        WHERE asked.kind = 'skill' AND skills.id = coalesce(
            asked.id, (SELECT skill_id FROM skill_names WHERE key = asked.key)
        )
        UNION ALL
        SELECT 'category', {CATEGORIES_FROM} + coalesce(merged_into, categories.id) FROM categories
        WHERE asked.kind = 'category' AND categories.id = coalesce(
            asked.id, (SELECT category_id FROM category_names WHERE key = asked.key)
        )
        UNION ALL
        SELECT kind, id FROM terms WHERE terms.key = asked.key
            AND terms.kind IN (asked.kind, CASE asked.kind WHEN 'place' THEN 'city' END)
        OFFSET 0
    ) AS known
"""  # noqa: S608 - put together of constants, as below
_NEAR = f"""
    SELECT typed.word, known_words.word FROM (
        SELECT unnest(tsvector_to_array(to_tsvector('simple', {words_of("replace(:q, '-', ' ')")})))
    ) AS typed (word)
    JOIN known_words ON known_words.variants && {variants_of("typed.word")}
    WHERE length(typed.word) BETWEEN {SHORTEST} AND {LONGEST}
        AND NOT EXISTS (SELECT FROM known_words AS known WHERE known.word = typed.word)
    LIMIT 1000
"""  # noqa: S608


async def facets_named(rows: Rows, names: Sequence[Name]) -> list[list[Facet]]:
    """Return for each group of names what they name, be it nothing."""
    if not names:
        return []
    asked = [
        {"group": name.group, "kind": name.kind, "key": name.key, "id": name.id} for name in names
    ]
    found = await rows.read(_NUMBERS, names=orjson.dumps(asked).decode())
    groups: list[list[Facet]] = [[] for _ in range(names[-1].group + 1)]
    for group, *facet in found:
        groups[group].append(Facet(*facet))
    return groups


async def meant_by(rows: Rows, q: str) -> dict[str, list[str]]:
    """Return, of each word in `q` that no heading has, those that are nearest to it, if any."""
    near: dict[str, list[str]] = defaultdict(list)
    for typed, known in await rows.read(_NEAR, q=q):
        near[typed].append(known)
    return {typed: words for typed in near if (words := closest(typed, near[typed]))}
