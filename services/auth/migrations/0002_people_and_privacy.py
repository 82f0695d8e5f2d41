"""Profiles, devices, revocations, lock-out, deactivation and erasure."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UP = (
    "ALTER TABLE accounts ADD COLUMN deactivated_at timestamptz",
    "ALTER TABLE persons ADD COLUMN ssn_sealed bytea, ADD COLUMN ssn_key_id text",
    """
    ALTER TABLE sessions
        ADD COLUMN last_used_at timestamptz,
        ADD COLUMN user_agent text,
        ADD COLUMN ip text
    """,
    "UPDATE sessions SET last_used_at = created_at",
    "ALTER TABLE sessions ALTER COLUMN last_used_at SET NOT NULL",
    "CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)",
    "CREATE INDEX ix_one_time_codes_expires_at ON one_time_codes (expires_at)",
    """
    CREATE TABLE candidate_skills (
        account_id uuid NOT NULL
            CONSTRAINT fk_candidate_skills_account_id REFERENCES accounts ON DELETE CASCADE,
        skill_id integer NOT NULL,
        position integer NOT NULL,
        CONSTRAINT pk_candidate_skills PRIMARY KEY (account_id, skill_id)
    )
    """,
    """
    CREATE TABLE job_history (
        id uuid CONSTRAINT pk_job_history PRIMARY KEY,
        account_id uuid NOT NULL
            CONSTRAINT fk_job_history_account_id REFERENCES accounts ON DELETE CASCADE,
        com_name text NOT NULL,
        position text NOT NULL,
        start_time date NOT NULL,
        end_time date,
        duration text
    )
    """,
    "CREATE INDEX ix_job_history_account_id ON job_history (account_id)",
    """
    CREATE TABLE revocations (
        session_id uuid CONSTRAINT pk_revocations PRIMARY KEY,
        revoked_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_revocations_revoked_at ON revocations (revoked_at)",
    """
    CREATE TABLE sign_in_failures (
        login_hash bytea CONSTRAINT pk_sign_in_failures PRIMARY KEY,
        failures integer NOT NULL,
        last_failed_at timestamptz NOT NULL,
        locked_until timestamptz
    )
    """,
    "CREATE INDEX ix_sign_in_failures_last_failed_at ON sign_in_failures (last_failed_at)",
    """
    CREATE TABLE job_snapshots (
        job_id uuid CONSTRAINT pk_job_snapshots PRIMARY KEY,
        employer_id uuid NOT NULL,
        status text NOT NULL,
        expires_at timestamptz NOT NULL,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX ix_job_snapshots_employer_id ON job_snapshots (employer_id)",
    """
    CREATE TABLE erasure_receipts (
        erasure_id uuid NOT NULL,
        service text NOT NULL,
        requested_at timestamptz NOT NULL,
        erased_at timestamptz,
        CONSTRAINT pk_erasure_receipts PRIMARY KEY (erasure_id, service)
    )
    """,
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for table in ("erasure_receipts", "job_snapshots", "sign_in_failures", "revocations"):
        op.execute(f"DROP TABLE {table}")
    for table in ("job_history", "candidate_skills"):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        "ALTER TABLE sessions DROP COLUMN last_used_at, DROP COLUMN user_agent, DROP COLUMN ip"
    )
    for index in ("ix_one_time_codes_expires_at", "ix_sessions_expires_at"):
        op.execute(f"DROP INDEX {index}")
    op.execute("ALTER TABLE persons DROP COLUMN ssn_sealed, DROP COLUMN ssn_key_id")
    op.execute("ALTER TABLE accounts DROP COLUMN deactivated_at")
