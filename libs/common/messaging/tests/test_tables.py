"""The migration makes just the tables that the metadata describes, and unmakes them."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine, inspect, make_url

from libs.common.db import service_metadata
from libs.common.messaging.tables import (
    add_messaging_tables,
    create_messaging_tables_v1,
    drop_messaging_tables_v1,
    index_dead_letters,
)


def test_migration_and_metadata_agree(postgres_url: str) -> None:
    metadata = service_metadata("gamma")
    add_messaging_tables(metadata)
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("CREATE SCHEMA gamma; SET LOCAL search_path TO gamma")
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "gamma",
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        create_messaging_tables_v1(Operations(context))
        index_dead_letters(Operations(context))
        assert compare_metadata(context, metadata) == []
        names = inspect(connection).get_check_constraints("inbox", schema="gamma")
        assert [check["name"] for check in names] == ["ck_inbox_state"]
        drop_messaging_tables_v1(Operations(context))
        assert inspect(connection).get_table_names(schema="gamma") == []
        transaction.rollback()
    engine.dispose()


@pytest.mark.parametrize("state", ["Done", ""])
def test_no_other_state_is_taken(postgres_url: str, state: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE SCHEMA gamma")
        connection.execute("SET LOCAL search_path TO gamma")

        class Op:
            def execute(self, statement: str, /) -> None:
                connection.execute(sql.SQL(statement))

        create_messaging_tables_v1(Op())
        insert = "INSERT INTO inbox (message_id, handler, name, state) VALUES (%s, 'h', 'n', %s)"
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(insert, ["01a1fdb6-7212-7290-85f7-d00a864c4993", state])
        connection.rollback()
