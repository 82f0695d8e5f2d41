"""Accounts, the people behind them, companies, sessions and one-time codes."""

from alembic import op

from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Of several unique constraints that a row breaks, the one made first is reported: the address.
_TABLES = (
    """
    CREATE TABLE accounts (
        id uuid CONSTRAINT pk_accounts PRIMARY KEY,
        email text NOT NULL,
        email_key text NOT NULL CONSTRAINT uq_accounts_email UNIQUE,
        username text NOT NULL,
        username_key text NOT NULL CONSTRAINT uq_accounts_username UNIQUE,
        phone text CONSTRAINT uq_accounts_phone UNIQUE,
        password_hash text NOT NULL,
        role text NOT NULL
            CONSTRAINT ck_accounts_role CHECK (role IN ('Candidate', 'Employer', 'Admin')),
        is_active boolean NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE persons (
        account_id uuid CONSTRAINT pk_persons PRIMARY KEY
            CONSTRAINT fk_persons_account_id REFERENCES accounts ON DELETE CASCADE,
        name text NOT NULL,
        avatar_url text,
        address text,
        dob date,
        skills text[] NOT NULL,
        target_roles text[] NOT NULL,
        experience_level text,
        location text
    )
    """,
    """
    CREATE TABLE candidates (
        account_id uuid CONSTRAINT pk_candidates PRIMARY KEY
            CONSTRAINT fk_candidates_account_id REFERENCES accounts ON DELETE CASCADE,
        cv_url text,
        cv_name text,
        cv_updated_at timestamptz,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE companies (
        id uuid CONSTRAINT pk_companies PRIMARY KEY,
        tax_number text NOT NULL CONSTRAINT uq_companies_tax_number UNIQUE,
        name text NOT NULL,
        founded_date date,
        industry text,
        size text,
        country text,
        website text,
        address text,
        logo_url text,
        version integer NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE employers (
        account_id uuid CONSTRAINT pk_employers PRIMARY KEY
            CONSTRAINT fk_employers_account_id REFERENCES accounts ON DELETE CASCADE,
        company_id uuid CONSTRAINT fk_employers_company_id REFERENCES companies,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX ix_employers_company_id ON employers (company_id)",
    """
    CREATE TABLE sessions (
        id uuid CONSTRAINT pk_sessions PRIMARY KEY,
        account_id uuid NOT NULL
            CONSTRAINT fk_sessions_account_id REFERENCES accounts ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX ix_sessions_account_id ON sessions (account_id)",
    """
    CREATE TABLE refresh_tokens (
        token_hash bytea CONSTRAINT pk_refresh_tokens PRIMARY KEY,
        session_id uuid NOT NULL
            CONSTRAINT fk_refresh_tokens_session_id REFERENCES sessions ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        spent_at timestamptz,
        successors bytea
    )
    """,
    "CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id)",
    """
    CREATE TABLE one_time_codes (
        account_id uuid NOT NULL
            CONSTRAINT fk_one_time_codes_account_id REFERENCES accounts ON DELETE CASCADE,
        purpose text NOT NULL,
        code_hash bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        tries_left integer NOT NULL,
        CONSTRAINT pk_one_time_codes PRIMARY KEY (account_id, purpose)
    )
    """,
)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in ("one_time_codes", "refresh_tokens", "sessions", "employers", "companies"):
        op.execute(f"DROP TABLE {table}")
    for table in ("candidates", "persons", "accounts"):
        op.execute(f"DROP TABLE {table}")
    drop_messaging_tables_v1(op)
