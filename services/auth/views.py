"""Rows as clients see them, where a row's own fields do not do."""

from services.auth.contacts import as_dialled
from services.auth.models import Account, Company, Person
from services.auth.schemas.people import CompanyBriefOut, MeOut
from services.auth.schemas.signing_in import SignedInOut, UserOut
from services.auth.sessions import TokenPair
from services.auth.tokens import access_token_life


def signed_in(account: Account, person: Person, pair: TokenPair) -> SignedInOut:
    """Return a new session: the tokens, and whose they are."""
    return SignedInOut(
        access_token=pair.access,
        refresh_token=pair.refresh,
        expires_in=int(access_token_life().total_seconds()),
        user=UserOut(
            id=account.id, name=person.name, user_type=account.role, avatar=person.avatar_url
        ),
    )


def me(account: Account, person: Person, company: Company | None) -> MeOut:
    """Return somebody's own account, the phone number as he would dial it."""
    return MeOut(
        id=account.id,
        username=account.username,
        email=account.email,
        phone=as_dialled(account.phone) if account.phone else None,
        name=person.name,
        address=person.address,
        user_type=account.role,
        dob=person.dob,
        avatar=person.avatar_url,
        company=CompanyBriefOut.model_validate(company) if company else None,
    )
