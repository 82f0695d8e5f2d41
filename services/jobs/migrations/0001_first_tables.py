"""Jobs with their descriptions, the reference data, and what is known of employers."""

from alembic import op

from libs.common.kept_answers import create_idempotency_table_v1
from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE employer_snapshots (
        employer_id uuid CONSTRAINT pk_employer_snapshots PRIMARY KEY,
        company_id uuid,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE company_snapshots (
        company_id uuid CONSTRAINT pk_company_snapshots PRIMARY KEY,
        name text NOT NULL,
        logo_url text,
        complete boolean NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE skills (
        id integer CONSTRAINT pk_skills PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL,
        keys text[] NOT NULL
    )
    """,
    """
    CREATE TABLE categories (
        id integer CONSTRAINT pk_categories PRIMARY KEY,
        name_vi text NOT NULL,
        name_en text NOT NULL,
        keys text[] NOT NULL
    )
    """,
    """
    CREATE TABLE jobs (
        id uuid CONSTRAINT pk_jobs PRIMARY KEY,
        employer_id uuid NOT NULL,
        company_id uuid NOT NULL
            CONSTRAINT fk_jobs_company_id REFERENCES company_snapshots (company_id),
        title text NOT NULL,
        status text NOT NULL,
        posted_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        version integer NOT NULL,
        places text[] NOT NULL,
        document tsvector NOT NULL
    )
    """,
    "CREATE INDEX ix_jobs_newest ON jobs (posted_at DESC, id DESC) WHERE status = 'Active'",
    "CREATE INDEX ix_jobs_document ON jobs USING gin (document) WHERE status = 'Active'",
    "CREATE INDEX ix_jobs_company ON jobs (company_id)",
    """
    CREATE TABLE job_descriptions (
        job_id uuid CONSTRAINT pk_job_descriptions PRIMARY KEY
            CONSTRAINT fk_job_descriptions_job_id REFERENCES jobs (id),
        location text NOT NULL,
        salary text NOT NULL,
        salary_min integer,
        salary_max integer,
        salary_currency text,
        salary_period text,
        quantity integer NOT NULL,
        exp_year integer NOT NULL,
        level text,
        contract_type text,
        job_type text,
        description text NOT NULL,
        requirements text,
        benefits text
    )
    """,
    """
    CREATE TABLE job_skills (
        job_id uuid NOT NULL CONSTRAINT fk_job_skills_job_id REFERENCES jobs (id),
        skill_id integer NOT NULL CONSTRAINT fk_job_skills_skill_id REFERENCES skills (id),
        position integer NOT NULL,
        CONSTRAINT pk_job_skills PRIMARY KEY (job_id, skill_id)
    )
    """,
    "CREATE INDEX ix_job_skills_skill ON job_skills (skill_id, job_id)",
    """
    CREATE TABLE job_categories (
        job_id uuid NOT NULL CONSTRAINT fk_job_categories_job_id REFERENCES jobs (id),
        category_id integer NOT NULL
            CONSTRAINT fk_job_categories_category_id REFERENCES categories (id),
        position integer NOT NULL,
        CONSTRAINT pk_job_categories PRIMARY KEY (job_id, category_id)
    )
    """,
    "CREATE INDEX ix_job_categories_category ON job_categories (category_id, job_id)",
)


def upgrade() -> None:
    create_messaging_tables_v1(op)
    create_idempotency_table_v1(op)
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE idempotency, job_categories, job_skills, job_descriptions, jobs,"
        " categories, skills, company_snapshots, employer_snapshots"
    )
    drop_messaging_tables_v1(op)
