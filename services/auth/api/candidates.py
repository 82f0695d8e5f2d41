"""Candidates, and what they tell of themselves."""

from typing import Annotated

from fastapi import Depends, Request

from libs.common.envelope import JSON
from libs.common.errors import (
    ContentTooLarge,
    Forbidden,
    MalformedJson,
    NotFound,
    ServiceUnavailable,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationError,
)
from libs.common.files import file_url
from libs.common.identity import CandidateOnly, EmployerOrAdmin
from libs.common.ids import Id
from libs.common.openapi import openapi_errors, rate_limited
from libs.common.pagination import Page, Paging
from libs.common.service import Read, Running, Write, service_router
from libs.common.uploads import (
    MULTIPART,
    Upload,
    media_type_of,
    read_json,
    read_upload,
    uploading,
)
from services.auth import documents, queries, views
from services.auth.commands import candidates, cvs
from services.auth.errors import CvLimitReached, JobHistoryFull, UnknownSkill
from services.auth.schemas.candidates import (
    CandidateOut,
    CvIn,
    CvOut,
    JobAddedOut,
    JobHistoryChangesIn,
    JobHistoryIn,
    JobHistoryOut,
    SkillsIn,
)

router = service_router("auth")


@router.get(
    "/candidates/{candidate_id}", responses=openapi_errors(Unauthenticated, Forbidden, NotFound)
)
async def get_candidate(
    candidate_id: Id, session: Read, running: Running, _: EmployerOrAdmin
) -> CandidateOut:
    """Show a candidate, for employers and admins."""
    return views.candidate(running.settings, *await queries.candidate_of(session, candidate_id))


async def _cv(request: Request, _: CandidateOnly) -> CvIn | Upload:
    match media_type_of(request):
        case "application/json":
            return await read_json(request, CvIn, limit=64 * 1024)
        case "multipart/form-data":
            return await read_upload(request, documents.MAX_BYTES)
        case _:
            raise UnsupportedMediaType({"accepted": [JSON, MULTIPART]})


@router.put(
    "/candidates/me/cv",
    openapi_extra=uploading("A PDF or DOCX of at most 5 MiB.", or_json=CvIn.model_json_schema())
    | rate_limited("upload", 30, 60),
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, NotFound, CvLimitReached, ServiceUnavailable),
        *(UnsupportedMediaType, ContentTooLarge, MalformedJson, ValidationError),
    ),
)
async def set_cv(
    me: CandidateOnly,
    session: Write,
    running: Running,
    cv: Annotated[CvIn | Upload, Depends(_cv)],
) -> CvOut:
    """Set the default CV, by its address or as a file: it goes with applications without one."""
    candidate = await cvs.set_cv(session, me, cv)
    return CvOut.model_validate(
        {
            "candidate_id": candidate.account_id,
            "cv_url": file_url(running.settings, candidate.cv_url),
            "updated_at": candidate.cv_updated_at,
        }
    )


@router.get("/candidates/me/job-history", responses=openapi_errors(Unauthenticated, Forbidden))
async def list_job_history(session: Read, me: CandidateOnly, paging: Paging) -> Page[JobHistoryOut]:
    """List where the candidate worked, the newest first."""
    found = await queries.job_history_of(session, me.user_id, paging)
    return Page([views.past_job(job) for job in found.items], found.total, found.headers)


@router.post(
    "/candidates/me/job-history",
    status_code=201,
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, JobHistoryFull),
)
async def add_job_history(body: JobHistoryIn, session: Write, me: CandidateOnly) -> JobAddedOut:
    """Add a job to the candidate's history."""
    job = await candidates.add_job_history(session, me.user_id, body)
    return JobAddedOut(history_id=job.id, com_name=job.com_name)


@router.put(
    "/candidates/me/job-history/{history_id}",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound),
)
async def update_job_history(
    history_id: Id, body: JobHistoryChangesIn, session: Write, me: CandidateOnly
) -> JobHistoryOut:
    """Change a job in the candidate's history."""
    return views.past_job(
        await candidates.update_job_history(session, me.user_id, history_id, body)
    )


@router.delete(
    "/candidates/me/job-history/{history_id}",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound),
)
async def delete_job_history(history_id: Id, session: Write, me: CandidateOnly) -> None:
    """Remove a job from the candidate's history."""
    await candidates.delete_job_history(session, me.user_id, history_id)


@router.get("/candidates/me/skills", responses=openapi_errors(Unauthenticated, Forbidden))
async def get_skills(session: Read, me: CandidateOnly) -> list[str]:
    """Name the candidate's skills, in his order."""
    return list((await queries.skills_of(session, me.user_id)).values())


@router.put(
    "/candidates/me/skills",
    responses=openapi_errors(Unauthenticated, Forbidden, NotFound, UnknownSkill),
)
async def set_skills(body: SkillsIn, session: Write, me: CandidateOnly) -> list[str]:
    """Replace the candidate's skills: at least one, in his order.

    Of those that he typed (`PUT /auth/me`), the ones that are not in the system stay.
    """
    await candidates.set_skills(session, me.user_id, body.skill_ids)
    return list((await queries.skills_of(session, me.user_id)).values())
