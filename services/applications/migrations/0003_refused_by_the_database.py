"""The database itself refuses applications for jobs that take none; feedback on jobs.

`before_apply_insert` of seed B; that nobody applies twice is the index `uq_applications_live`.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Who applies stands in one queue with whoever seals the job, and reads it when his turn has come:
# no seal slips in between this look at it and the commit. (The lock is one of some thousands that
# the server has: whoever loads applications for many jobs at once disables the trigger meanwhile.)
_REFUSE = """
    CREATE FUNCTION refuse_application() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        job applications.job_snapshots;
        broken text;
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.job_id::text, 0));
        SELECT * INTO job FROM applications.job_snapshots WHERE job_id = NEW.job_id;
        broken := CASE
            WHEN NOT FOUND THEN 'job_known'
            WHEN job.expires_at <= NEW.applied_at THEN 'job_not_expired'
            WHEN job.status <> 'Active' OR job.sealed_until IS NOT NULL THEN 'job_open'
        END;
        IF broken IS NOT NULL THEN
            RAISE check_violation USING
                MESSAGE = 'the job takes no applications: ' || broken,
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = broken;
        END IF;
        RETURN NEW;
    END
    $$
"""


def upgrade() -> None:
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER before_apply_insert BEFORE INSERT ON applications"
        " FOR EACH ROW EXECUTE FUNCTION refuse_application()"
    )
    op.execute(
        """
        CREATE TABLE feedbacks (
            id uuid CONSTRAINT pk_feedbacks PRIMARY KEY,
            job_id uuid NOT NULL,
            employer_id uuid NOT NULL,
            candidate_id uuid,
            rank integer NOT NULL CONSTRAINT ck_feedbacks_rank CHECK (rank BETWEEN 1 AND 5),
            content text,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_feedbacks_candidate UNIQUE (candidate_id, job_id)
        )
        """
    )
    op.execute("CREATE INDEX ix_feedbacks_job ON feedbacks (job_id, id)")
    op.execute("CREATE INDEX ix_feedbacks_employer ON feedbacks (employer_id, job_id, rank)")


def downgrade() -> None:
    op.execute("DROP TABLE feedbacks")
    op.execute("DROP FUNCTION refuse_application() CASCADE")
