"""Why a job is refused."""

from libs.common.errors import Conflict, Forbidden, Unprocessable


class CompanyProfileIncomplete(Forbidden):
    """The employer has no company, or one whose profile lacks what posting needs.

    `details` says what is missing; null where that was not heard yet.
    """


class UnknownSkill(Unprocessable, constraint="jobs.fk_job_skills_skill_id"):
    """One of the skill ids names nothing."""


class UnknownCategory(Unprocessable, constraint="jobs.fk_job_categories_category_id"):
    """One of the category ids names nothing."""


class SkillNameTaken(Conflict, constraint="jobs.pk_skill_names"):
    """Another skill is called so."""


class CategoryNameTaken(Conflict, constraint="jobs.pk_category_names"):
    """Another category is called so."""


class AlreadyMerged(Conflict):
    """It was merged into another; `mergedInto` says into which."""


class InvalidMerge(Unprocessable):
    """Nothing is merged into itself."""


class JobClosed(Conflict):
    """The job was closed, for good."""


class JobExpired(Conflict):
    """The job's last day is over: it is active again with a later one."""


class JobHasPendingApplies(Conflict):
    """Somebody who applied for the job waits for an answer; `details` says how many do."""


class InvalidRelation(Unprocessable):
    """The two jobs are one, of two companies, or not both open."""
