"""How well jobs suit a candidate."""

from typing import Annotated

from fastapi import Depends, Query

from libs.common.envelope import SqlJson
from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import CandidateOnly
from libs.common.ids import Id
from libs.common.openapi import Responses, counted_to, openapi_errors
from libs.common.pagination import Paging
from libs.common.reference.pay import monthly_usd
from libs.common.reference.salary import LARGEST, Currency, Salary
from libs.common.service import Read, service_router
from services.jobs.queries import matching
from services.jobs.schemas.matching import MatchOut, RecommendedJobOut

router = service_router("jobs")


async def _wanted_pay(
    salary_min: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="What I want to earn a month.")
    ] = None,
    currency: Annotated[Currency, Query(description="Of salary_min.")] = "USD",
) -> int | None:
    """Return the salary that the caller wants in US dollars a month; it is not kept."""
    return monthly_usd(Salary(salary_min, None, currency))[0]


WantedPay = Annotated[int | None, Depends(_wanted_pay)]


_COUNTED: Responses = {200: {"headers": counted_to(matching.MOST)}}


@router.get("/jobs/recommended", responses=_COUNTED | openapi_errors(Unauthenticated, Forbidden))
async def recommended_jobs(
    me: CandidateOnly, session: Read, paging: Paging, pay: WantedPay
) -> SqlJson[list[RecommendedJobOut]]:
    """List open jobs by how well they suit me; not those that I applied for."""
    who = await matching.seeker(session, me.user_id, pay)
    return await matching.recommended(session, me.user_id, who, paging)


@router.get("/jobs/{job_id}/match", responses=openapi_errors(Unauthenticated, Forbidden, NotFound))
async def match_job(job_id: Id, me: CandidateOnly, session: Read, pay: WantedPay) -> MatchOut:
    """Tell how well a job suits me, and why: my skills, role, level, place and salary."""
    who = await matching.seeker(session, me.user_id, pay)
    return await matching.match_of(session, who, job_id)
