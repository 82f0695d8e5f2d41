"""The market's pictures, made of the same numbers as its answers."""

import asyncio
from datetime import datetime

from libs.common.context import language
from libs.common.i18n import say
from libs.common.reference import ReferenceSkill
from libs.common.rows import Rows
from services.ingestion.market.charts import bars, line
from services.ingestion.queries.kept import kept
from services.ingestion.queries.market import series, trending


async def trending_chart(rows: Rows, days: int, skills: int) -> bytes:
    """Draw the skills that most postings of the last days ask for."""

    async def make(instant: datetime) -> bytes:
        found = await trending(rows, days, skills, 1)
        key = "chart_too_few" if found.insufficient_data else "chart_trending"
        title = say(f"messages.{key}", days=days, postings=found.total_jobs_analyzed)
        values = [(one.skill, one.percentage) for one in found.top_skills]
        return await asyncio.to_thread(bars, title, say("messages.chart_share"), values)

    return await kept(rows, make, "trending.svg", days, skills, language())


async def series_chart(rows: Rows, skill: ReferenceSkill, days: int) -> bytes:
    """Draw how much a skill was asked for over the last days."""

    async def make(instant: datetime) -> bytes:
        found = await series(rows, skill, days)
        told = {"skill": skill.name, "days": days, "postings": found.total_jobs_analyzed}
        title = say("messages.chart_series", **told)
        values = [(str(point.date_from), point.percentage) for point in found.points]
        return await asyncio.to_thread(line, title, say("messages.chart_share"), values)

    return await kept(rows, make, "series.svg", skill.id, days, language())
