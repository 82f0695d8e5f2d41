"""The one Alembic environment: run by `libs.common.migrations.upgrade`, over its connection."""

from alembic import context

from libs.common.migrations import only_schema

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("metadata"),
    version_table_schema=config.attributes["service"],
    include_schemas=True,
    include_name=only_schema(config.attributes["service"]),
    transaction_per_migration=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
