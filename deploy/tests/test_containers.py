"""What `docker compose up` runs does the same as the processes do.

The contract tests too, through the published port: `WAYMARK_TEST_OVER=containers` with
`test_access.py`, `test_bad_input.py`, `test_openapi.py` and `test_uploads.py`.
"""

import asyncio
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.services import SERVICES
from deploy.tests.containers import ROOT, Containers, containers
from deploy.tests.identity import identity
from deploy.tests.journey import PASSWORD, hire
from deploy.tests.ledger import ledger
from deploy.tests.systems import STOP_WITHIN

ADMIN = "admin@identity.example"
COMMANDS = re.compile(r"^docker compose exec (\w+) python -m deploy (.+?)(?: +#.*)?$", re.MULTILINE)


def write_release(onet: Path) -> None:
    """Write an O*NET release of one occupation into `onet`, for any user to read."""
    folder = onet / "db_30_2_text"
    folder.mkdir()
    line = "15-1252.00\tSoftware Developers\tResearch, design, and develop software.\n"
    (folder / "Occupation Data.txt").write_text(f"O*NET-SOC Code\tTitle\tDescription\n{line}")
    for place in (onet, folder):
        place.chmod(0o755)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    onet = tmp_path_factory.mktemp("onet")
    write_release(onet)
    with containers(ONET_FOLDER=str(onet)) as stack:
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


@pytest.mark.soak
def test_the_guides_commands_do_what_it_says(stack: Containers) -> None:
    commands = COMMANDS.findall((ROOT / "docs" / "operations.md").read_text("utf-8"))
    assert len(commands) == 3
    commands = [one for one in commands if one[1] != "seed --demo"]  # its company is the hire's
    for name, command in commands:
        password = ("--password", PASSWORD) if command.startswith("admin create") else ()
        stack.compose(
            "exec", "-T", name, "python", "-m", "deploy", *shlex.split(command), *password
        )


@pytest.mark.soak
def test_the_encyclopedia_is_loaded_out_of_the_folder_that_holds_a_release(
    stack: Containers,
) -> None:
    stack.compose("--profile", "full", "run", "--rm", "-T", "careers-etl")
    assert len(ledger(stack.database_url)["careers.careers"]) == 1


@pytest.mark.soak
def test_every_container_ends_in_time_and_well(stack: Containers) -> None:
    """Without auth, the first: Docker does not know the name of a container that has ended."""
    for name in (*SERVICES, "gateway"):
        began = time.monotonic()
        stack.compose("stop", "--timeout", "60", name)
        took = time.monotonic() - began
        [state] = stack.compose("ps", "--all", "--format", "{{.ExitCode}}", name).split()
        assert (state, took < STOP_WITHIN) == ("0", True), f"{name}: {took} s, {stack.log(name)}"
        assert name == "gateway" or f'"process":"{name}"' in stack.log(name)
