"""What admins do to skills and categories: add, rename, merge.

Ids are for ever: what is merged into another keeps its own, which stands for that one.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from libs.common.contracts.jobs import SkillUpdated
from libs.common.errors import NotFound, Unprocessable
from libs.common.events import Event, event
from libs.common.ids import NIL
from libs.common.messaging import consumes, enqueue, publish
from libs.common.sessions import WriteSession
from services.jobs.errors import AlreadyMerged, InvalidMerge, UnknownCategory, UnknownSkill
from services.jobs.models import Category, Skill
from services.jobs.naming import (
    CATEGORIES,
    SKILLS,
    VOCABULARIES,
    Entry,
    Kind,
    Vocabulary,
    hold_entries,
    hold_names,
    learn_words,
    name_anew,
    names_of,
)
from services.jobs.openings import BATCH, index_openings
from services.jobs.schemas.reference import (
    CategoryChangesIn,
    NewCategoryIn,
    NewSkillIn,
    SkillChangesIn,
)

_NEXT = """
    SELECT jobs.id FROM jobs JOIN {links} ON job_id = jobs.id
    WHERE {id} = :id AND job_id > :after ORDER BY job_id LIMIT :batch FOR NO KEY UPDATE OF jobs
"""
_MOVE = """
    WITH moved AS (
        DELETE FROM {links} AS link USING {table} AS known
        WHERE known.id = link.{id} AND known.merged_into IS NOT NULL
            AND link.{id} = :id AND job_id = ANY(:job_ids)
        RETURNING job_id, merged_into, position
    )
    INSERT INTO {links} (job_id, {id}, position) SELECT * FROM moved ON CONFLICT DO NOTHING
"""
_HAND_OVER = "UPDATE {names} SET {id} = :into WHERE {id} = :id"


@event("reference.changed", subject="id")
class ReferenceChanged(Event):
    """Jobs linked to an entry, those behind one, are to be indexed. Private to this service."""

    kind: Kind
    id: int
    after: UUID = NIL


@consumes(ReferenceChanged)
async def relink_jobs(session: WriteSession, event: ReferenceChanged) -> None:
    """Index the next batch of an entry's jobs, moved to what it was merged into; and go on."""
    vocabulary = VOCABULARIES[event.kind]
    which = {"id": event.id, "after": event.after, "batch": BATCH}
    job_ids = (await session.scalars(vocabulary.statement(_NEXT), which)).all()
    if job_ids:
        moved = {"id": event.id, "job_ids": list(job_ids)}
        await session.execute(vocabulary.statement(_MOVE), moved)
        await index_openings(session, job_ids)
    if len(job_ids) == BATCH:
        enqueue(session, relink_jobs, event.model_copy(update={"after": job_ids[-1]}))


async def add_skill(session: WriteSession, new: NewSkillIn) -> int:
    """Add a skill and return its id.

    Raises:
        SkillNameTaken: another is called so; the database decides.
    """
    await hold_names(session)
    skill = Skill(name=new.name, kind=new.kind, tended=True)
    session.add(skill)
    await session.flush()
    await _name_skill(session, skill, [new.name, *new.aliases])
    return skill.id


async def change_skill(session: WriteSession, skill_id: int, changes: SkillChangesIn) -> None:
    """Rename a skill, or replace its aliases; its jobs are found by the new names in a while.

    Raises:
        NotFound, AlreadyMerged: as `_held`.
        SkillNameTaken: another is called so; the database decides.
    """
    await hold_names(session)
    skill = await _held(session, SKILLS, skill_id)
    before = skill.name
    skill.name = changes.name or before
    kept = await names_of(session, SKILLS, skill_id) if changes.aliases is None else changes.aliases
    await _name_skill(session, skill, [skill.name, before, *kept])


async def merge_skill(session: WriteSession, skill_id: int, into_id: int) -> None:
    """Let a skill, and all that were merged into it, be another; see `_merge`."""
    gone = await _merge(session, SKILLS, skill_id, into_id, UnknownSkill)
    for skill in (await session.get_one(Skill, into_id), *gone):
        _tell(session, skill)
    # These are found by the names that it brought.
    enqueue(session, relink_jobs, ReferenceChanged(kind="skill", id=into_id))


async def add_category(session: WriteSession, new: NewCategoryIn) -> int:
    """Add a field of work and return its id.

    Raises:
        CategoryNameTaken: another is called so; the database decides.
    """
    await hold_names(session)
    category = Category(name_vi=new.name_vi, name_en=new.name_en, tended=True)
    session.add(category)
    await session.flush()
    names = [new.name_vi, new.name_en, *new.aliases]
    await name_anew(session, CATEGORIES, category.id, names)
    return category.id


async def change_category(
    session: WriteSession, category_id: int, changes: CategoryChangesIn
) -> None:
    """Rename a field of work, or replace its aliases.

    Raises:
        NotFound, AlreadyMerged: as `_held`.
        CategoryNameTaken: another is called so; the database decides.
    """
    await hold_names(session)
    category = await _held(session, CATEGORIES, category_id)
    before = [category.name_vi, category.name_en]
    now = changes.model_dump(exclude_unset=True, exclude={"aliases"})
    category.sqlmodel_update({**now, "tended": True})
    kept = changes.aliases
    if kept is None:
        kept = await names_of(session, CATEGORIES, category_id)
    names = [category.name_vi, category.name_en, *before, *kept]
    await name_anew(session, CATEGORIES, category_id, names)


async def merge_category(session: WriteSession, category_id: int, into_id: int) -> None:
    """Let a field of work, and all that were merged into it, be another; see `_merge`."""
    await _merge(session, CATEGORIES, category_id, into_id, UnknownCategory)


async def _merge(
    session: WriteSession,
    vocabulary: Vocabulary[Entry],
    id_: int,
    into_id: int,
    unknown: type[Unprocessable],
) -> list[Entry]:
    """Let an entry be another, which gets its names at once and its jobs in batches.

    Returns:
        What is merged into the other now: the entry, and what was merged into it before.

    Raises:
        NotFound: there is no such entry.
        InvalidMerge: the two are one.
        UnknownSkill, UnknownCategory: there is no such other (`unknown`).
        AlreadyMerged: one of them was merged before; `mergedInto` says into which.
    """
    await hold_names(session)
    await hold_entries(session, vocabulary)
    await _held(session, vocabulary, id_)
    if id_ == into_id:
        raise InvalidMerge
    try:
        into = await _held(session, vocabulary, into_id)
    except NotFound:
        raise unknown from None
    model = vocabulary.model
    its = select(model).where((col(model.id) == id_) | (col(model.merged_into) == id_))
    gone = list(await session.scalars(its.order_by(col(model.id))))
    into.tended = True
    for entry in gone:
        entry.merged_into, entry.tended = into_id, True
    await session.execute(vocabulary.statement(_HAND_OVER), {"id": id_, "into": into_id})
    enqueue(session, relink_jobs, ReferenceChanged(kind=vocabulary.kind, id=id_))
    return gone


async def _held(session: WriteSession, vocabulary: Vocabulary[Entry], id_: int) -> Entry:
    """Return an entry to be changed; names are held, so nobody else changes it.

    Raises:
        NotFound: there is none of that id.
        AlreadyMerged: it was merged into another.
    """
    entry = await session.get(vocabulary.model, id_)
    if entry is None:
        raise NotFound
    if entry.merged_into is not None:
        raise AlreadyMerged({"id": id_, "mergedInto": entry.merged_into})
    return entry


async def _name_skill(session: WriteSession, skill: Skill, names: Sequence[str]) -> None:
    """Call a skill so, tell others, and have its jobs found by it."""
    skill.tended = True
    await name_anew(session, SKILLS, skill.id, names)
    await learn_words(session)
    _tell(session, skill)
    enqueue(session, relink_jobs, ReferenceChanged(kind="skill", id=skill.id))


def _tell(session: WriteSession, skill: Skill) -> None:
    skill.version += 1
    facts = {"skill_id": skill.id, "name": skill.name, "merged_into": skill.merged_into}
    publish(session, SkillUpdated(**facts, version=skill.version))
