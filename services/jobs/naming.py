"""What skills and categories are called: each name, folded, leads to one of them.

The two are vocabularies of one make: entries, names that lead to them, and links to jobs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import orjson
from sqlalchemy import TextClause, text

from libs.common.sessions import ReadSession, WriteSession
from libs.common.text import fold
from services.jobs.models import Category, Skill
from services.jobs.typos import BEGINNING, LONGEST, SHORTEST, variants_of

Kind = Literal["skill", "category"]
Entry = TypeVar("Entry", Skill, Category)


@dataclass(frozen=True, slots=True)
class Vocabulary(Generic[Entry]):
    """Where entries of a kind are kept, their names, and their links to jobs."""

    kind: Kind
    model: type[Entry]
    table: str

    def statement(self, sql: str, **more: str) -> TextClause:
        """Return a statement in which `{table}`, `{names}`, `{links}` and `{id}` stand for mine."""
        mine = {"names": f"{self.kind}_names", "links": f"job_{self.table}"}
        return text(sql.format(table=self.table, id=f"{self.kind}_id", **mine, **more))


SKILLS = Vocabulary("skill", Skill, "skills")
CATEGORIES = Vocabulary("category", Category, "categories")
VOCABULARIES: dict[Kind, Vocabulary[Any]] = {"skill": SKILLS, "category": CATEGORIES}

_HOLD = text("LOCK TABLE skill_names, category_names IN SHARE ROW EXCLUSIVE MODE")
_UNNAME = "DELETE FROM {names} WHERE {id} = :id"
_NAME = """
    INSERT INTO {names} (key, {id}, name)
    SELECT key, :id, value FROM json_each_text(CAST(:names AS json)) AS named (key, value)
"""
# The lock is on the table, be there rows or not.
_MERGED = """
    SELECT id, merged_into FROM {table} WHERE id = ANY(:ids) AND merged_into IS NOT NULL
    FOR KEY SHARE
"""
_LEARN = text(
    f"""
    INSERT INTO skill_words (word, variants)
    SELECT word, {variants_of(f"left(word, {BEGINNING})")} FROM (
        SELECT DISTINCT said.word
        FROM skill_names, regexp_split_to_table(key, '[^[:alnum:]]+') AS said (word)
        LEFT JOIN skill_words AS known USING (word)
        WHERE length(said.word) BETWEEN {SHORTEST} AND {LONGEST} AND known.word IS NULL
    ) AS words
    """  # noqa: S608 - put together of constants, as all here
)


async def hold_names(session: WriteSession) -> None:
    """Let nobody else change names, and with them entries, until this transaction ends."""
    await session.execute(_HOLD)


async def learn_words(session: WriteSession) -> None:
    """Remember the words of skills' names, for those who mistype them."""
    await session.execute(_LEARN)


async def names_of(
    session: ReadSession | WriteSession, vocabulary: Vocabulary[Entry], id_: int
) -> Sequence[str]:
    """Return everything that an entry is called."""
    mine = vocabulary.statement("SELECT name FROM {names} WHERE {id} = :id ORDER BY key")
    return (await session.scalars(mine, {"id": id_})).all()


async def name_anew(
    session: WriteSession, vocabulary: Vocabulary[Entry], id_: int, names: Sequence[str]
) -> None:
    """Replace what an entry is called; of names that fold to the same, the first is kept.

    Raises:
        SkillNameTaken, CategoryNameTaken: another is called so; the database decides.
    """
    keys = {fold(name): name for name in reversed(names)}
    values = {"id": id_, "names": orjson.dumps(keys).decode()}
    await session.execute(vocabulary.statement(_UNNAME), {"id": id_})
    await session.execute(vocabulary.statement(_NAME), values)


async def merged(
    session: WriteSession, vocabulary: Vocabulary[Entry], ids: Sequence[int]
) -> list[int]:
    """Return what the ids stand for: those of merged entries for others. Each once, in order.

    From then on nothing is merged until this transaction ends (see `hold_entries`).
    """
    if not ids:
        return []
    found = await session.execute(vocabulary.statement(_MERGED), {"ids": list(ids)})
    others = {row.id: row.merged_into for row in found}
    return list(dict.fromkeys(others.get(id_, id_) for id_ in ids))


async def hold_entries(session: WriteSession, vocabulary: Vocabulary[Entry]) -> None:
    """Wait for those who link jobs to entries, and let nobody begin to, until this ends."""
    await session.execute(vocabulary.statement("LOCK TABLE {table} IN EXCLUSIVE MODE"))
