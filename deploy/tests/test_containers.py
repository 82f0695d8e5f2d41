"""What `docker compose up` runs does the same as the processes do.

The contract tests too, through the published port: `WAYMARK_TEST_OVER=containers` with
`test_access.py`, `test_bad_input.py`, `test_openapi.py` and `test_uploads.py`.
"""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.tests.containers import Containers, containers
from deploy.tests.identity import identity
from deploy.tests.journey import PASSWORD, hire
from deploy.tests.ledger import ledger

ADMIN = "admin@identity.example"


@pytest.fixture(scope="module")
def stack() -> Iterator[Containers]:
    with containers() as stack:
        yield stack


@pytest.mark.soak
async def test_a_hire_and_all_of_identity(stack: Containers) -> None:
    await hire(stack.url, stack.mails)
    left = ledger(stack.database_url)
    assert len(left["applications.applications"]) == 1
    assert len(left["messaging.notifications"]) == 4
    create = ("admin", "create", "--email", ADMIN, "--name", "Admin", "--password", PASSWORD)
    await asyncio.to_thread(stack.run, *create)
    await identity(stack.url, stack.mails, ADMIN)


@pytest.mark.soak
def test_nothing_but_the_gateway_and_the_mails_is_published(stack: Containers) -> None:
    assert stack.compose("port", "gateway", "8000").strip() == stack.url.removeprefix("http://")
    with pytest.raises(RuntimeError):
        stack.compose("port", "jobs", "8000")


@pytest.mark.soak
def test_the_root_is_read_only_and_nobody_is_root(stack: Containers) -> None:
    assert stack.compose("exec", "-T", "jobs", "id", "-u").strip() == "10001"
    with pytest.raises(RuntimeError, match="Read-only"):
        stack.compose("exec", "-T", "jobs", "touch", "/opt/code/x")
