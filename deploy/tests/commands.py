"""`waymark` commands, each in a process of its own: a fork of one that has imported everything.

Importing is most of what a command takes. That it works is shown by all that is started as a user
does; this is for the many commands that are to say something, such as what is wrong.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from tempfile import NamedTemporaryFile

from deploy.cli import main
from deploy.services import SERVICES

WITHIN = 120.0  # seconds
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__, *(f"services.{name}.service" for name in SERVICES)])


def ended(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end; return its exit code, and what it said on both channels.

    Args:
        command: `doctor`, and its options.
        environment: all of it; nothing of our own is handed on.
    """
    with NamedTemporaryFile() as said:
        process = _forks.Process(target=_run, args=(command, dict(environment), said.name))
        process.start()
        try:
            process.join(WITHIN)
            assert process.exitcode is not None, f"{command} goes on: {said.read().decode()}"
        finally:
            process.kill()
        return process.exitcode, said.read().decode()


def _run(command: Sequence[str], environment: Mapping[str, str], said: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    channel = os.open(said, os.O_WRONLY | os.O_APPEND)
    os.dup2(channel, 1)
    os.dup2(channel, 2)
    main(command, prog_name="waymark")
