"""CPU time of a PostgreSQL: a machine that is busy changes it far less than it does the clock's."""

from pathlib import Path

import psutil

from bench.made_up_jobs import connected


def postmaster_of(url: str) -> psutil.Process:
    """Return the first process of a PostgreSQL on this machine."""
    with connected(url) as connection:
        [folder] = connection.execute("SHOW data_directory").fetchone() or ()
    return psutil.Process(int((Path(folder) / "postmaster.pid").read_text().splitlines()[0]))


def cpu_seconds(postmaster: psutil.Process) -> float:
    """Return how long its processes have run, those that have ended aside (Linux' schedstat)."""
    return sum(_nanoseconds(child.pid) for child in postmaster.children()) / 1e9


def _nanoseconds(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):  # it ends just now
        return 0
