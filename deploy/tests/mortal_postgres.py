"""A durable PostgreSQL that a test may kill, as `deploy.rabbitmq_node` has a broker."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from deploy.embedded import embedded_postgres

GONE_WITHIN = 10.0  # seconds


class MortalPostgres:
    """An embedded server on a folder of its own; its URL stays the same when it is started anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        """Start it; it recovers first, where it was killed. Returns once it takes connections."""
        self.url = self._running.enter_context(embedded_postgres(self._folder))

    def kill_and_start(self) -> None:
        """SIGKILL all of its processes at once, as a container's end does, and start it again."""
        pid = int((self._folder / "cluster" / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):  # a back-end that saw the postmaster die
                process.kill()
        deadline = time.monotonic() + GONE_WITHIN
        while any(map(_lives, family)) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._running.close()
        self.start()

    def stop(self) -> None:
        """End it properly."""
        self._running.close()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def mortal_postgres() -> Iterator[MortalPostgres]:
    """Run one in a new folder."""
    with TemporaryDirectory(prefix="waymark-postgres-", ignore_cleanup_errors=True) as folder:
        server = MortalPostgres(Path(folder) / "data")
        try:
            yield server
        finally:
            server.stop()
