"""Each service's schema is what its models say, its own, and out of the others' reach."""

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import make_url

from deploy.runtime import migrate
from deploy.services import SERVICES
from libs.common.db import connection_options
from libs.common.migrations import differences

DATABASE = "migrations"


@pytest.fixture(scope="module")
def migrated_url(postgres_url: str) -> str:
    """A database with every schema in it, migrated twice: the second time changes nothing."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    url = make_url(postgres_url).set(database=DATABASE).render_as_string(hide_password=False)
    migrate(url)
    migrate(url)
    return url


@pytest.mark.parametrize("name", SERVICES)
def test_the_migrations_make_what_the_models_say(migrated_url: str, name: str) -> None:
    assert differences(migrated_url, name, SERVICES[name].metadata) == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_role_is_refused_on_the_tables_of_others(migrated_url: str, name: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True, **connection_options(name)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
        for other, service in SERVICES.items():
            for table in service.metadata.tables.values():
                if other != name:
                    with pytest.raises(pg.InsufficientPrivilege):
                        connection.execute(f"SELECT 1 FROM {other}.{table.name}")
        with pytest.raises(pg.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA elsewhere")


def test_no_foreign_key_leaves_its_schema(migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as connection:
        rows = connection.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid"
            " JOIN pg_class b ON b.oid = c.confrelid"
            " WHERE c.contype = 'f' AND a.relnamespace <> b.relnamespace"
        ).fetchall()
        keys = connection.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
        assert rows == []
        assert keys.fetchone() != (0,)
