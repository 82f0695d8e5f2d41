"""A job as its own employer sees it in his list."""

from datetime import date

from pydantic import Field

from libs.common.ids import Id
from libs.common.schemas import Out
from services.jobs.rules import Status


class MyJobOut(Out):
    """A job of mine."""

    job_id: Id
    title: str
    status: Status
    post_date: date
    expire_date: date = Field(description="The last day on which it is open, in Vietnam's time.")
    view_count: int
    applies: int = Field(description="How many have applied, those who withdrew included.")
