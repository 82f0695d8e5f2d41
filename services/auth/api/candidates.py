"""Candidates, and what they tell of themselves."""

from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import CandidateOnly
from libs.common.openapi import openapi_errors
from libs.common.service import Write, service_router
from services.auth.commands import candidates
from services.auth.schemas.candidates import CvIn, CvOut

router = service_router("auth")


@router.put("/candidates/me/cv", responses=openapi_errors(Unauthenticated, Forbidden, NotFound))
async def set_cv(body: CvIn, session: Write, me: CandidateOnly) -> CvOut:
    """Set the default CV, which goes with every application that brings no other."""
    candidate = await candidates.set_cv(session, me.user_id, body)
    return CvOut.model_validate(
        {
            "candidate_id": candidate.account_id,
            "cv_url": candidate.cv_url,
            "updated_at": candidate.cv_updated_at,
        }
    )
