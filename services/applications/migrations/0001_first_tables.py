"""Applications, their moves, and what is known of jobs and candidates."""

from alembic import op

from libs.common.kept_answers import create_idempotency_table_v1
from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE applications (
        id uuid CONSTRAINT pk_applications PRIMARY KEY,
        job_id uuid NOT NULL,
        candidate_id uuid NOT NULL,
        cv_url text NOT NULL,
        cover_letter text,
        status text NOT NULL,
        applied_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX uq_applications_live ON applications (candidate_id, job_id)
    WHERE status <> 'Withdrawn'
    """,
    "CREATE INDEX ix_applications_candidate ON applications (candidate_id, id)",
    "CREATE INDEX ix_applications_job ON applications (job_id, id)",
    """
    CREATE TABLE application_moves (
        id uuid CONSTRAINT pk_application_moves PRIMARY KEY,
        application_id uuid NOT NULL
            CONSTRAINT fk_application_moves_application_id REFERENCES applications (id),
        from_status text NOT NULL,
        to_status text NOT NULL,
        moved_by uuid NOT NULL,
        moved_at timestamptz NOT NULL,
        note text
    )
    """,
    "CREATE INDEX ix_application_moves_application ON application_moves (application_id, id)",
    """
    CREATE TABLE job_snapshots (
        job_id uuid CONSTRAINT pk_job_snapshots PRIMARY KEY,
        employer_id uuid NOT NULL,
        title text NOT NULL,
        company_name text NOT NULL,
        status text NOT NULL,
        expires_at timestamptz NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE candidate_snapshots (
        candidate_id uuid CONSTRAINT pk_candidate_snapshots PRIMARY KEY,
        name text NOT NULL,
        email text NOT NULL,
        cv_url text,
        version integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    create_idempotency_table_v1(op)
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE application_moves, applications")
    op.execute("DROP TABLE job_snapshots, candidate_snapshots, idempotency")
    drop_messaging_tables_v1(op)
