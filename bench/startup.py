"""Start-up of the whole system in one process: time to ready, and memory."""

import time

import httpx
import psutil

from deploy.tests.systems import first_start

READY_GOAL, MEMORY_GOAL = 10.0, 350.0  # seconds; MB


def megabytes(process: psutil.Process) -> float:
    """Resident memory of a process and its children, shared pages counted once (PSS)."""
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_full_info().pss for p in family) / 1e6


def main() -> None:
    begun = time.monotonic()
    with first_start(DEMO_DATA="1") as system:
        first = time.monotonic() - begun
        system.stop("waymark")
        begun = time.monotonic()
        system.start("waymark")
        system.wait_ready()
        second = time.monotonic() - begun
        for _ in range(200):
            httpx.get(f"{system.url}/api/v1/jobs").raise_for_status()
        process = psutil.Process(system.running["waymark"].pid)
        own, all_of_it = process.memory_full_info().pss / 1e6, megabytes(process)
    print("start-up of `waymark up`, everything in one process, demo data included")
    print(f"  first start to ready   {first:6.1f} s   goal < {READY_GOAL:.0f} s")
    print(f"  second start to ready  {second:6.1f} s   goal < {READY_GOAL:.0f} s")
    print(f"  memory of the process  {own:6.0f} MB  goal < {MEMORY_GOAL:.0f} MB")
    print(f"  with its PostgreSQL    {all_of_it:6.0f} MB")


if __name__ == "__main__":
    main()
