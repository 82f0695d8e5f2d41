"""Rows as clients see them, where a row's own fields do not do."""

from libs.common import clock
from libs.common.files import file_url
from libs.common.identity import Role
from libs.common.settings import CommonSettings
from services.auth.contacts import as_dialled
from services.auth.encryption import Sealed, unseal
from services.auth.models import (
    Account,
    Candidate,
    Company,
    Employer,
    JobHistory,
    LoginSession,
    Person,
)
from services.auth.rules import average, spelled_duration
from services.auth.schemas.candidates import CandidateOut, JobHistoryOut, PastJobOut
from services.auth.schemas.employers import (
    CompanyCardOut,
    CompanyLinkOut,
    EmployerChangedOut,
    EmployerOut,
    RatingOut,
)
from services.auth.schemas.people import CompanyBriefOut, MeOut, ProfileOut
from services.auth.schemas.signing_in import SessionOut, SignedInOut, UserOut
from services.auth.sessions import TokenPair
from services.auth.tokens import access_token_life


def signed_in(
    settings: CommonSettings, account: Account, person: Person, pair: TokenPair
) -> SignedInOut:
    """Return a new session: the tokens, and whose they are."""
    return SignedInOut(
        access_token=pair.access,
        refresh_token=pair.refresh,
        expires_in=int(access_token_life().total_seconds()),
        user=UserOut(
            id=account.id,
            name=person.name,
            user_type=Role(account.role),
            avatar=file_url(settings, person.avatar_url),
        ),
    )


def session_shown(session: LoginSession, *, current: bool) -> SessionOut:
    """Return a session as its owner sees it."""
    return SessionOut.model_validate({**session.model_dump(), "current": current})


def me(
    settings: CommonSettings, account: Account, person: Person, company: Company | None
) -> MeOut:
    """Return somebody's own account, the phone number as he would dial it."""
    return MeOut(
        id=account.id,
        username=account.username,
        email=account.email,
        phone=_dialled(account),
        name=person.name,
        address=person.address,
        user_type=Role(account.role),
        ssn=ssn(settings, person),
        dob=person.dob,
        avatar=file_url(settings, person.avatar_url),
        company=CompanyBriefOut.model_validate(company) if company else None,
    )


def ssn(settings: CommonSettings, person: Person) -> str | None:
    """Return the number of somebody's identity document, for nobody else's eyes."""
    if person.ssn_sealed is None or person.ssn_key_id is None:
        return None
    sealed = Sealed(person.ssn_sealed, person.ssn_key_id)
    return unseal(settings.data_dir, person.account_id, sealed)


def profile(account: Account, person: Person, skills: list[str]) -> ProfileOut:
    """Return somebody's own profile of seed N."""
    return ProfileOut(
        email=account.email,
        full_name=person.name,
        skills=skills,
        target_roles=person.target_roles,
        experience_level=person.experience_level,
        location=person.location,
    )


def candidate(
    settings: CommonSettings,
    account: Account,
    person: Person,
    candidate: Candidate,
    skills: list[str],
    jobs: list[JobHistory],
) -> CandidateOut:
    """Return a candidate as employers see him."""
    return CandidateOut(
        id=account.id,
        name=person.name,
        email=account.email,
        phone=_dialled(account),
        address=person.address,
        cv_url=file_url(settings, candidate.cv_url),
        cv_name=candidate.cv_name,
        skills=skills,
        job_history=[PastJobOut(**past_job(job).model_dump(include=_SHOWN)) for job in jobs],
    )


_SHOWN = set(PastJobOut.model_fields)


def past_job(job: JobHistory) -> JobHistoryOut:
    """Return an entry of a job history; a job that goes on has lasted until today."""
    last_day = job.end_time or clock.local_date(clock.now())
    return JobHistoryOut(
        history_id=job.id,
        com_name=job.com_name,
        position=job.position,
        start_time=job.start_time,
        end_time=job.end_time,
        duration=job.duration or spelled_duration(job.start_time, last_day),
    )


def employer_changed(person: Person, company: Company | None) -> EmployerChangedOut:
    """Return an employer as he sees himself."""
    return EmployerChangedOut(
        employer_id=person.account_id,
        name=person.name,
        company=CompanyLinkOut.model_validate(company) if company else None,
    )


def employer(
    settings: CommonSettings,
    person: Person,
    employer: Employer,
    company: Company | None,
    active_jobs: int,
) -> EmployerOut:
    """Return an employer as everybody sees him."""
    return EmployerOut(
        id=person.account_id,
        name=person.name,
        avatar=file_url(settings, person.avatar_url),
        company=CompanyCardOut.model_validate(company) if company else None,
        active_jobs=active_jobs,
        rating=RatingOut(
            average=average(employer.rating_count, employer.rating_sum),
            count=employer.rating_count,
        ),
    )


def _dialled(account: Account) -> str | None:
    return as_dialled(account.phone) if account.phone else None
