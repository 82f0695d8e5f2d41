"""Services are imported one by one; what is known of them without that is what they say."""

import subprocess
import sys

import pytest

from deploy.cli import main
from deploy.services import HEARD, SERVICES

LOADED = """
print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("services.")}))
"""
ONE = "import deploy.cli, sys; from deploy.services import SERVICES; SERVICES[sys.argv[1]]"
HELP = "import sys; from deploy.cli import main; main(['--help'], standalone_mode=False)"


def imported(code: str, *arguments: str) -> str:
    """Return the last line that `code` says in a process of its own: the services it imported."""
    command = [sys.executable, "-c", code + LOADED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", SERVICES)
def test_a_process_of_one_service_imports_no_other(name: str) -> None:
    assert imported(ONE, name) == name


def test_help_imports_none() -> None:
    assert imported(HELP) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_what_it_hears_is_what_it_consumes(name: str) -> None:
    assert HEARD[name] == SERVICES[name].consumed


def test_its_commands_are_there_under_their_name_with_their_help() -> None:
    found = {}
    for service in SERVICES.values():
        if (own := service.commands) is not None:
            found[own.name] = own.help
    assert {name: main.commands[name].help for name in found if name} == found


def test_what_is_no_service_is_none() -> None:
    assert "billing" not in SERVICES
    assert len(SERVICES) == 6
