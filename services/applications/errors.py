"""Why an application, or a change of one, is refused."""

from libs.common.errors import Conflict, Unprocessable


class AlreadyApplied(Conflict, constraint="applications.uq_applications_live"):
    """The candidate has a live application for this job."""


class JobClosed(Conflict):
    """The job takes no applications any more."""


class JobHasPendingApplies(Conflict):
    """The employer has not answered every applicant; `details` says how many wait."""


class JobExpired(Conflict):
    """The job's last day is over."""


class CvRequired(Unprocessable):
    """There is neither a CV in the application nor a default one."""


class InvalidStatusTransition(Conflict):
    """An application does not go from its status to that one; `details` says where it may go."""
