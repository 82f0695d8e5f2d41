"""PostgreSQL dies right after the relay's commit, which need not have reached the disk."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from deploy.tests.mortal_postgres import MortalPostgres, mortal_postgres
from libs.common import clock
from libs.common.contracts.messaging import EmployerUnfollowed
from libs.common.db import Database, open_database
from libs.common.ids import new_id
from libs.common.messaging import InboxWorker, LocalTransport, Relay, consumes, publish
from libs.common.messaging.tables import create_messaging_tables_v1
from libs.common.sessions import WriteSession


@consumes(EmployerUnfollowed)
async def note(session: WriteSession, event: EmployerUnfollowed) -> None:
    """Write what can be counted."""
    await session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": event.candidate_id})


@pytest.fixture(scope="module")
def server() -> Iterator[MortalPostgres]:
    """A PostgreSQL that takes its time to write what was committed lazily."""
    with mortal_postgres() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            connection.execute("SELECT pg_reload_conf()")
        yield server


def _migrate(connection: Connection) -> None:
    create_messaging_tables_v1(Operations(MigrationContext.configure(connection)))
    connection.execute(text("CREATE TABLE effect (candidate_id uuid)"))


async def _open(server: MortalPostgres, service: str) -> Database:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE waymark_{service}")
        connection.execute(f"CREATE SCHEMA {service} AUTHORIZATION waymark_{service}")
    db = open_database(server.url, service)
    async with db.write() as session:
        await (await session.connection()).run_sync(_migrate)
    return db


async def test_what_comes_back_to_the_outbox_is_sent_again_and_done_once(
    server: MortalPostgres,
) -> None:
    speaker, listener = await _open(server, "speaker"), await _open(server, "listener")
    transport, worker = LocalTransport(), InboxWorker(listener, [note])
    await worker.step()
    await transport.consume("listener", worker.names, worker.accept)
    relay = Relay(speaker, transport)
    said = EmployerUnfollowed(
        candidate_id=new_id(), employer_id=new_id(), unfollowed_at=clock.now()
    )
    async with speaker.write() as session:
        publish(session, said)
    assert await relay.step() == 1
    server.kill_and_start()
    for db in (speaker, listener):
        await db.close()  # of connections that died with it
    assert await relay.pending() == 1, "nothing was committed lazily: the crash tests nothing"
    assert await relay.step() == 1
    assert await worker.step() == 0
    rows = await listener.rows.read("SELECT candidate_id, state FROM effect, inbox")
    assert rows == [(said.candidate_id, "done")]
    assert await relay.pending() == 0
    for db in (speaker, listener):
        await db.close()
