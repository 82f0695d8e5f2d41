"""The one Alembic environment: run by `libs.common.migrations.upgrade`, over its connection."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("metadata"),
    version_table_schema=config.attributes["service"],
    include_schemas=False,
    transaction_per_migration=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
