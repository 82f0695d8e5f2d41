"""Employers and their companies."""

from libs.common.errors import Forbidden, NotFound, Unauthenticated
from libs.common.identity import EmployerOnly
from libs.common.ids import Id
from libs.common.openapi import openapi_errors
from libs.common.service import Read, Running, Write, service_router
from services.auth import queries, views
from services.auth.commands import employers
from services.auth.errors import (
    CompanyAlreadyLinked,
    CompanyNotLinked,
    PhoneTaken,
    TaxNumberTaken,
)
from services.auth.schemas.employers import (
    CompanyCreatedOut,
    CompanyIn,
    CompanyOut,
    EmployerChangedOut,
    EmployerIn,
    EmployerOut,
)

router = service_router("auth")


@router.post(
    "/companies",
    status_code=201,
    responses=openapi_errors(
        Unauthenticated, Forbidden, NotFound, TaxNumberTaken, CompanyAlreadyLinked
    ),
)
async def create_company(body: CompanyIn, session: Write, me: EmployerOnly) -> CompanyCreatedOut:
    """Make the company that the caller posts jobs for."""
    company = await employers.create_company(session, me.user_id, body)
    return CompanyCreatedOut(company_id=company.id, name=company.name)


@router.get("/companies/{company_id}", responses=openapi_errors(NotFound))
async def get_company(company_id: Id, session: Read) -> CompanyOut:
    """Show a company."""
    return CompanyOut.model_validate(await queries.company_of(session, company_id))


@router.put(
    "/employers/me",
    responses=openapi_errors(
        *(Unauthenticated, Forbidden, NotFound, CompanyNotLinked, PhoneTaken, TaxNumberTaken)
    ),
)
async def update_employer(body: EmployerIn, session: Write, me: EmployerOnly) -> EmployerChangedOut:
    """Change the employer, and the company that he is linked with."""
    changed = await employers.update_employer(session, me.user_id, body)
    return views.employer_changed(*changed)


@router.get("/employers/{employer_id}", responses=openapi_errors(NotFound))
async def get_employer(employer_id: Id, session: Read, running: Running) -> EmployerOut:
    """Show an employer, and how many of his jobs can be applied to."""
    return views.employer(running.settings, *await queries.employer_of(session, employer_id))
