"""Runs every benchmark, one after the other: `python -m bench [NAME …]`."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "gateway",
    "events",
    "login",
    "startup",
    "reads",
    "careers",
    "onet",
    "search",
    "streams",
    "fan_out",
    "notifying",
    "market",
)

for name in sys.argv[1:] or BENCHMARKS:
    assert (Path(__file__).parent / f"{name}.py").exists(), f"no benchmark {name}"
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
