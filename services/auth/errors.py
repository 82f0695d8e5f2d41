"""What the identity service refuses, and the database constraints that mean it."""

from libs.common.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class UsernameTaken(Conflict, constraint="auth.uq_accounts_username"):
    """Another account bears this name, upper and lower case being the same."""


class EmailTaken(Conflict, constraint="auth.uq_accounts_email"):
    """Another account has this address."""


class PhoneTaken(Conflict, constraint="auth.uq_accounts_phone"):
    """Another account has this number."""


class TaxNumberTaken(Conflict, constraint="auth.uq_companies_tax_number"):
    """The company is here already."""


class CompanyAlreadyLinked(Conflict):
    """The employer has a company."""


class InvalidOtp(BadRequest):
    """The code is wrong, late, used, void, or of an account that is not there."""


class InvalidCredentials(Unauthenticated):
    """No account with this address and this password."""


class WrongPassword(InvalidCredentials, code="INVALID_CREDENTIALS"):
    """Who is signed in gave another password than his."""


class AccountNotVerified(Forbidden):
    """The password is right, but the address was never proven."""


class AccountDeactivated(Forbidden):
    """The password is right, but an admin has deactivated the account."""


class OwnAccount(Conflict):
    """An admin would shut himself out."""


class Underage(Unprocessable):
    """A candidate is 18 or older."""


class UnknownSkill(Unprocessable):
    """The reference data has no skill with this id; `details` lists those ids."""


class JobHistoryFull(Conflict):
    """The candidate has as many entries as one may have."""


class CvLimitReached(Conflict):
    """The candidate has as many CVs stored as one may have, and applications refer to all."""


class CompanyNotLinked(Conflict):
    """The employer has no company that he could change."""


class FileLinkInvalid(Forbidden):
    """The link to a file has expired, or was never made; whoever shows the file makes a new one."""


class TokenReused(Unauthenticated):
    """The refresh token was spent or revoked before: its whole family ends."""


class TooManyAttempts(TooManyRequests):
    """Too many wrong passwords of late, or too many to check now; `Retry-After` says when."""


class Unreadable(Unavailable):
    """503: something sealed cannot be opened; an operator must bring its key back."""
