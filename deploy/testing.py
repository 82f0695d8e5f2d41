"""A pytest plugin: the real servers that tests use, started when first asked for."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import embedded_postgres
from deploy.rabbitmq_node import Broker, NoBroker, find_or_start_rabbitmq

ROOT = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Makes SIGTERM end the session as Ctrl-C does: fixtures are torn down, servers ended."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL superuser's database: `TEST_DATABASE_URL`, or an embedded server's."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    with (
        tempfile.TemporaryDirectory(prefix="waymark-postgres-") as folder,
        embedded_postgres(Path(folder) / "data", durable=False) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Broker]:
    """A RabbitMQ that all tests share. A test that kills one takes a `rabbitmq_node` of its own."""
    brokers = find_or_start_rabbitmq()
    try:
        broker = brokers.__enter__()
    except NoBroker as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"under CI=true there must be a broker: {error}")
        pytest.skip(str(error))
    yield broker
    brokers.__exit__(None, None, None)


@pytest.fixture(scope="session")
def rabbitmq_url(rabbit: Broker) -> str:
    """`amqp://…` of the shared RabbitMQ."""
    return rabbit.url


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The `data` folder of the material that the project may read and never holds."""
    folder = Path(os.environ.get("WAYMARK_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: set WAYMARK_SHARED to the folder that holds data/")
    return folder
