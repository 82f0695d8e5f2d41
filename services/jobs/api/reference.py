"""Skills and categories: for everyone to choose from, for admins to tend."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from libs.common.envelope import SqlJson
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import AdminOnly
from libs.common.openapi import openapi_errors
from libs.common.pagination import Paging
from libs.common.service import Hot, Write, service_router
from services.jobs.commands import reference as commands
from services.jobs.errors import (
    AlreadyMerged,
    CategoryNameTaken,
    InvalidMerge,
    SkillNameTaken,
    UnknownCategory,
    UnknownSkill,
)
from services.jobs.queries import reference as queries
from services.jobs.schemas.fields import Term
from services.jobs.schemas.reference import (
    CategoryChangesIn,
    CategoryOut,
    MergeIn,
    NewCategoryIn,
    NewSkillIn,
    SkillChangesIn,
    SkillOut,
    TendedCategoryOut,
    TendedSkillOut,
)

router = service_router("jobs")


def _number(written: Any) -> int:
    """Return the number in a path; what is none that a row could have names nothing."""
    is_one = isinstance(written, str) and written.isascii() and written.isdecimal()
    return int(written) if is_one and len(written) < 10 else 0


Number = Annotated[int, BeforeValidator(_number), WithJsonSchema({"type": "integer"})]
_REFUSED = (Unauthenticated, Forbidden)
_KNOWN = (*_REFUSED, NotFound, AlreadyMerged)


@router.get("/skills")
async def list_skills(
    rows: Hot,
    paging: Paging,
    q: Annotated[
        Term | None,
        Query(description="The beginning, or a part, of a name; slips of the finger are forgiven."),
    ] = None,
) -> SqlJson[list[SkillOut]]:
    """List skills, the best known first; with `q`, those that begin with it before the others."""
    return await queries.skills_like(rows, q, paging)


@router.get("/categories")
async def list_categories(rows: Hot) -> SqlJson[list[CategoryOut]]:
    """List the fields of work, in the caller's language."""
    return await queries.all_categories(rows)


@router.post("/admin/skills", status_code=201, responses=openapi_errors(*_REFUSED, SkillNameTaken))
async def add_skill(me: AdminOnly, session: Write, body: NewSkillIn) -> TendedSkillOut:
    """Add a skill that the reference data does not have."""
    skill_id = await commands.add_skill(session, body)
    return await queries.tended_skill(session, skill_id)


@router.put("/admin/skills/{skill_id}", responses=openapi_errors(*_KNOWN, SkillNameTaken))
async def change_skill(
    skill_id: Number, me: AdminOnly, session: Write, body: SkillChangesIn
) -> TendedSkillOut:
    """Rename a skill, or replace its aliases; without changes, look at it."""
    await commands.change_skill(session, skill_id, body)
    return await queries.tended_skill(session, skill_id)


@router.post(
    "/admin/skills/{skill_id}/merge",
    responses=openapi_errors(*_KNOWN, InvalidMerge, UnknownSkill),
)
async def merge_skill(
    skill_id: Number, me: AdminOnly, session: Write, body: MergeIn
) -> TendedSkillOut:
    """Let a skill be another, which gets its names and jobs; its id stands for that."""
    await commands.merge_skill(session, skill_id, body.into_id)
    return await queries.tended_skill(session, body.into_id)


@router.post(
    "/admin/categories", status_code=201, responses=openapi_errors(*_REFUSED, CategoryNameTaken)
)
async def add_category(me: AdminOnly, session: Write, body: NewCategoryIn) -> TendedCategoryOut:
    """Add a field of work that the reference data does not have."""
    category_id = await commands.add_category(session, body)
    return await queries.tended_category(session, category_id)


@router.put("/admin/categories/{category_id}", responses=openapi_errors(*_KNOWN, CategoryNameTaken))
async def change_category(
    category_id: Number, me: AdminOnly, session: Write, body: CategoryChangesIn
) -> TendedCategoryOut:
    """Rename a field of work, or replace its aliases; without changes, look at it."""
    await commands.change_category(session, category_id, body)
    return await queries.tended_category(session, category_id)


@router.post(
    "/admin/categories/{category_id}/merge",
    responses=openapi_errors(*_KNOWN, InvalidMerge, UnknownCategory),
)
async def merge_category(
    category_id: Number, me: AdminOnly, session: Write, body: MergeIn
) -> TendedCategoryOut:
    """Let a field of work be another, which gets its names and jobs; its id stands for that."""
    await commands.merge_category(session, category_id, body.into_id)
    return await queries.tended_category(session, body.into_id)
