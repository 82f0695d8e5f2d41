"""What sources tell beside the text, near-copies, what was sent, and runs that can be resumed."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UP = (
    """
    ALTER TABLE postings
        ADD external_id text,
        ADD country_code text,
        ADD company_domain text,
        ADD salary_min integer,
        ADD salary_max integer,
        ADD salary_currency text,
        ADD salary_period text,
        ADD technology_slugs text[] NOT NULL DEFAULT '{}',
        ADD search_keywords text,
        ADD search_location text,
        ADD skill_ids integer[] NOT NULL DEFAULT '{}',
        ADD extractor_version integer,
        ADD fingerprint bytea,
        ADD duplicate_of uuid,
        ADD CONSTRAINT uq_postings_source_external_id UNIQUE (source, external_id)
    """,
    "CREATE INDEX ix_postings_fingerprint ON postings (fingerprint)",
    "CREATE INDEX ix_postings_scraped_at ON postings (scraped_at)",
    """
    CREATE TABLE raw_postings (
        posting_id uuid CONSTRAINT pk_raw_postings PRIMARY KEY
            CONSTRAINT fk_raw_postings_posting_id REFERENCES postings ON DELETE CASCADE,
        source text NOT NULL,
        body jsonb NOT NULL,
        hash bytea NOT NULL,
        received_at timestamptz NOT NULL
    )
    """,
    """
    ALTER TABLE runs
        ADD state text NOT NULL DEFAULT 'finished'
            CONSTRAINT ck_runs_state CHECK (state IN ('running', 'stopped', 'failed', 'finished')),
        ADD attempt integer NOT NULL DEFAULT 1,
        ADD plan jsonb NOT NULL DEFAULT '{}',
        ADD cursor jsonb NOT NULL DEFAULT '{}',
        ADD error text,
        ADD pages integer NOT NULL DEFAULT 0,
        ADD credits integer NOT NULL DEFAULT 0,
        ADD jobs integer NOT NULL DEFAULT 0
    """,
    "UPDATE runs SET state = 'failed' WHERE finished_at IS NULL",
    """
    ALTER TABLE runs
        ALTER state DROP DEFAULT, ALTER attempt DROP DEFAULT, ALTER pages DROP DEFAULT,
        ALTER credits DROP DEFAULT, ALTER jobs DROP DEFAULT
    """,
    "CREATE INDEX ix_runs_source ON runs (source, id)",
)


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_runs_source")
    op.execute(
        "ALTER TABLE runs DROP state, DROP attempt, DROP plan, DROP cursor,"
        " DROP error, DROP pages, DROP credits, DROP jobs"
    )
    op.execute("DROP TABLE raw_postings")
    op.execute(
        "ALTER TABLE postings DROP external_id, DROP country_code, DROP company_domain,"
        " DROP salary_min, DROP salary_max, DROP salary_currency, DROP salary_period,"
        " DROP technology_slugs, DROP search_keywords, DROP search_location, DROP skill_ids,"
        " DROP extractor_version, DROP fingerprint, DROP duplicate_of"
    )
