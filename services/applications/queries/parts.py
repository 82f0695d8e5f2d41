"""Pieces that the lists share."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import col

from libs.common.pagination import Page, Window, feed_page, part_of
from libs.common.schemas import Out
from libs.common.sessions import ReadSession
from services.applications.models import Application, Feedback, JobSnapshot

Shown = TypeVar("Shown", bound=Out)
Listed = Select[*tuple[Any, ...]]
ON_JOB = col(JobSnapshot.job_id) == col(Application.job_id)


async def newest_of(
    session: ReadSession,
    listed: Listed,
    of: type[Application | Feedback],
    shown: type[Shown],
    paging: Window,
    key: Callable[[Shown], UUID],
) -> Page[Shown]:
    """Read one part of a list of rows `of` a table, newest first, and count the whole of it."""
    part = part_of(listed, paging, col(of.id), newest_first=True)
    rows = [shown.model_validate(row) for row in (await session.execute(part)).mappings()]
    return feed_page(rows, await count(session, listed), paging, key)


async def count(session: ReadSession, listed: Listed) -> int:
    """Return how many rows a list has."""
    return await session.scalar(select(func.count()).select_from(listed.subquery())) or 0
