"""Migrations: one environment, a history per service in its own schema and under its own role."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import Connection, MetaData, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from libs.common.db import service_role

_LOCK = 0x57_41_59_4D_41_52_4B  # "WAYMARK": one migration at a time over the whole database


def upgrade(url: str, service: str, folder: Path, revision: str = "head") -> None:
    """Bring the schema of `service` up to `revision`, making schema and role where absent.

    Args:
        url: PostgreSQL, as a user who may create roles and schemas.
        service: its name, which is the schema's.
        folder: the service's folder; its history is in `migrations/`.
        revision: what to go to.
    """
    with _connected(url) as connection:
        _ensure_role_and_schema(connection, service)
        _become(connection, service)
        command.upgrade(_config(connection, service, folder), revision)
        connection.commit()


def revise(url: str, service: str, folder: Path, metadata: MetaData, message: str) -> None:
    """Write the next migration of `service`: the difference between its models and its schema."""
    with _connected(url) as connection:
        _become(connection, service)
        _look_from_outside(connection)
        config = _config(connection, service, folder)
        config.attributes["metadata"] = metadata
        number = len(list((folder / "migrations").glob("[0-9]*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


def differences(url: str, service: str, metadata: MetaData) -> list[object]:
    """List what the service's models say and its migrated schema lacks, or the other way round."""
    with _connected(url) as connection:
        _become(connection, service)
        _look_from_outside(connection)
        options = {
            "version_table_schema": service,
            "compare_server_default": True,
            "include_schemas": True,
            "include_name": only_schema(service),
        }
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        return list(found)


def ensure_roles(url: str, services: Iterable[str]) -> None:
    """Make the roles of these services where they are missing: a restored dump names them."""
    with _connected(url) as connection:
        for service in services:
            _ensure_role(connection, service_role(service))
        connection.commit()


def only_schema(service: str) -> Callable[[str | None, str, object], bool]:
    """Return Alembic's `include_name` that looks at the service's schema and no other."""
    return lambda name, kind, _: kind != "schema" or name == service


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
        connection.commit()
        yield connection


def _ensure_role_and_schema(connection: Connection, service: str) -> None:
    role = service_role(service)
    _ensure_role(connection, role)
    _run(connection, "CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", service, role)
    connection.commit()


def _ensure_role(connection: Connection, role: str) -> None:
    exists = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
    )
    if exists.first() is None:
        _run(connection, "CREATE ROLE {} NOLOGIN", role)
        _run(connection, "GRANT {} TO CURRENT_USER", role)


def _become(connection: Connection, service: str) -> None:
    """Act as the service's role, in its schema, for the rest of the connection."""
    _run(connection, "SET ROLE {}", service_role(service))
    _run(connection, "SET search_path TO {}", service)
    connection.commit()
    connection.dialect.default_schema_name = service


def _look_from_outside(connection: Connection) -> None:
    """Leave the schema, so that what is read back names it everywhere, as the models do."""
    connection.exec_driver_sql("SET search_path TO pg_catalog")
    connection.commit()
    connection.dialect.default_schema_name = "pg_catalog"


def _run(connection: Connection, statement: str, *names: str) -> None:
    quoted = sql.SQL(statement).format(*map(sql.Identifier, names))
    connection.exec_driver_sql(quoted.as_string())


def _config(connection: Connection, service: str, folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(connection=connection, service=service)
    return config
