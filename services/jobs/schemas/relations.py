"""Jobs set beside others by hand (seed B 4.5)."""

from libs.common.ids import Id
from libs.common.schemas import In, Out


class RelateIn(In):
    """The job to set beside this one."""

    related_job_id: Id


class RelationOut(Out):
    """A job, and one that is set beside it."""

    source_job_id: Id
    related_job_id: Id
