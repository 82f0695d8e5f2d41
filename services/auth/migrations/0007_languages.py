"""In which language a person reads; and everybody's address and language for those who mail."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TELL_ALL = """
    WITH told AS (
        UPDATE accounts SET version = version + 1 FROM persons
        WHERE persons.account_id = accounts.id
        RETURNING accounts.*, persons.name, persons.avatar_url, gen_random_uuid() AS message_id
    )
    INSERT INTO outbox (id, name, body)
    SELECT message_id, 'user.updated', json_build_object(
        'specversion', '1.0',
        'id', message_id,
        'source', '/services/auth',
        'type', 'waymark.user.updated.v1',
        'subject', id,
        'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'datacontenttype', 'application/json',
        'dataschema', '/schemas/user.updated.v1.json',
        'data', json_build_object(
            'user_id', id, 'role', role, 'name', name, 'avatar_url', avatar_url,
            'is_active', is_active, 'email', email, 'language', language, 'version', version
        )
    ) FROM told
"""


def upgrade() -> None:
    op.execute("ALTER TABLE accounts ADD COLUMN language text NOT NULL DEFAULT 'vi'")
    op.execute("ALTER TABLE accounts ALTER COLUMN language DROP DEFAULT")
    op.execute(_TELL_ALL)


def downgrade() -> None:
    op.execute("ALTER TABLE accounts DROP COLUMN language")
