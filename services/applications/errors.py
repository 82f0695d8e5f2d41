"""Why an application, a change of one, or a rating is refused.

Those that bear a constraint are said by the database too: by an index, or by the trigger that looks
at each new application (migration 0003).
"""

from libs.common.errors import CONSTRAINTS, Conflict, NotFound, Unprocessable

CONSTRAINTS["applications.job_known"] = NotFound


class AlreadyApplied(Conflict, constraint="applications.uq_applications_live"):
    """The candidate has a live application for this job."""


class JobClosed(Conflict, constraint="applications.job_open"):
    """The job takes no applications any more."""


class JobExpired(Conflict, constraint="applications.job_not_expired"):
    """The job's last day is over."""


class JobHasPendingApplies(Conflict):
    """The employer has not answered every applicant; `details` says how many wait."""


class CvRequired(Unprocessable):
    """There is neither a CV in the application nor a default one."""


class InvalidStatusTransition(Conflict):
    """An application does not go from its status to that one; `details` says where it may go."""


class WithdrawalNotAllowed(Conflict):
    """The application was answered, or the job's last day is over; `details` says which."""


class FeedbackNotAllowed(Conflict):
    """Only who was accepted for a job may rate it."""


class AlreadyReviewed(Conflict, constraint="applications.uq_feedbacks_candidate"):
    """The candidate has rated this job."""
