"""The numbers that stand in `facets` for what is asked for by name; words that were mistyped."""

from collections import defaultdict
from collections.abc import Sequence

import orjson

from libs.common.rows import Rows
from services.jobs.document import words_of
from services.jobs.openings import CATEGORIES_FROM
from services.jobs.search import Name
from services.jobs.typos import LONGEST, SHORTEST, closest, variants_of

_NUMBERS = f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:names AS json))
            AS asked ("group" integer, kind text, key text, id integer)
    )
    SELECT "group", coalesce(merged_into, asked.id, named.skill_id) FROM asked
    LEFT JOIN skills ON skills.id = asked.id
    LEFT JOIN skill_names AS named ON named.key = asked.key WHERE asked.kind = 'skill'
    UNION
    SELECT "group", {CATEGORIES_FROM} + coalesce(merged_into, asked.id, named.category_id)
    FROM asked LEFT JOIN categories ON categories.id = asked.id
    LEFT JOIN category_names AS named ON named.key = asked.key WHERE asked.kind = 'category'
    UNION
    SELECT "group", terms.id FROM asked
    JOIN terms ON terms.kind = asked.kind AND terms.key = asked.key WHERE asked.kind <> 'skill'
    UNION
    SELECT "group", terms.id FROM asked
    JOIN terms ON terms.kind = 'city' AND terms.key = asked.key WHERE asked.kind = 'place'
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


async def numbers(rows: Rows, names: Sequence[Name]) -> list[list[int]]:
    """Return for each group of names the numbers of what they name, be it nothing."""
    if not names:
        return []
    asked = [
        {"group": name.group, "kind": name.kind, "key": name.key, "id": name.id} for name in names
    ]
    found = await rows.read(_NUMBERS, names=orjson.dumps(asked).decode())
    groups: list[list[int]] = [[] for _ in range(names[-1].group + 1)]
    for group, number in found:
        if number is not None:
            groups[group].append(number)
    return groups


async def meant_by(rows: Rows, q: str) -> dict[str, list[str]]:
    """Return, of each word in `q` that no heading has, those that are nearest to it, if any."""
    near: dict[str, list[str]] = defaultdict(list)
    for typed, known in await rows.read(_NEAR, q=q):
        near[typed].append(known)
    return {typed: words for typed in near if (words := closest(typed, near[typed]))}
