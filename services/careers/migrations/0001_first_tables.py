"""The occupations."""

from alembic import op

from libs.common.messaging.tables import create_messaging_tables_v1, drop_messaging_tables_v1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CAREERS = """
    CREATE TABLE careers (
        onet_code text CONSTRAINT pk_careers PRIMARY KEY,
        title_en text NOT NULL,
        short_desc_en text NOT NULL,
        title_folded text NOT NULL,
        source text NOT NULL,
        source_version text NOT NULL,
        content_hash bytea NOT NULL,
        loaded_at timestamptz NOT NULL
    )
"""


def upgrade() -> None:
    create_messaging_tables_v1(op)
    op.execute(_CAREERS)


def downgrade() -> None:
    op.execute("DROP TABLE careers")
    drop_messaging_tables_v1(op)
