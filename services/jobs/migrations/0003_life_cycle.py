"""What the life of a job needs: its changes, relations, views, and how many applied."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE jobs ADD COLUMN updated_at timestamptz",
    "UPDATE jobs SET updated_at = posted_at",
    "ALTER TABLE jobs ALTER COLUMN updated_at SET NOT NULL",
    "CREATE INDEX ix_jobs_employer ON jobs (employer_id, posted_at DESC, id DESC)",
    "CREATE INDEX ix_jobs_due ON jobs (expires_at) WHERE status = 'Active'",
    """
    CREATE TABLE job_relations (
        source_job_id uuid NOT NULL
            CONSTRAINT fk_job_relations_source_job_id REFERENCES jobs (id),
        related_job_id uuid NOT NULL
            CONSTRAINT fk_job_relations_related_job_id REFERENCES jobs (id),
        related_at timestamptz NOT NULL,
        CONSTRAINT pk_job_relations PRIMARY KEY (source_job_id, related_job_id)
    )
    """,
    "CREATE INDEX ix_job_relations_related ON job_relations (related_job_id)",
    """
    CREATE TABLE job_views (
        job_id uuid CONSTRAINT pk_job_views PRIMARY KEY
            CONSTRAINT fk_job_views_job_id REFERENCES jobs (id),
        views bigint NOT NULL
    )
    """,
    """
    CREATE TABLE job_applies (
        application_id uuid CONSTRAINT pk_job_applies PRIMARY KEY,
        job_id uuid NOT NULL
    )
    """,
    "CREATE INDEX ix_job_applies_job ON job_applies (job_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE job_relations, job_views, job_applies")
    op.execute("DROP INDEX ix_jobs_employer, ix_jobs_due")
    op.execute("ALTER TABLE jobs DROP COLUMN updated_at")
