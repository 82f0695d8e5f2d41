"""Why a job is refused."""

from libs.common.errors import Forbidden, Unprocessable


class CompanyProfileIncomplete(Forbidden):
    """The employer has no company, or one whose profile lacks what posting needs."""


class UnknownSkill(Unprocessable, constraint="jobs.fk_job_skills_skill_id"):
    """One of the skill ids names nothing."""


class UnknownCategory(Unprocessable, constraint="jobs.fk_job_categories_category_id"):
    """One of the category ids names nothing."""
