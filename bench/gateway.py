"""The gateway against nginx, before a FastAPI service and before fixed bytes.

`python -m bench.gateway [ROUNDS [SECONDS]]`. nginx checks no token and writes no log; ours checks
the bearer (a cached verdict) and has its access log off.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench.gateway_upstream import FIXED, JOBS, token

CONCURRENT = 32
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}

NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream service {{ server 127.0.0.1:{service}; keepalive 64; keepalive_requests 1000000; }}
  upstream fixed {{ server 127.0.0.1:{fixed}; keepalive 64; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{nginx} backlog=1024;
    proxy_http_version 1.1; proxy_set_header Connection "";
    location = /api/v1/jobs {{ proxy_pass http://service; }}
    location = /api/v1/fixed {{ proxy_pass http://fixed; }}
  }}
}}
"""


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw: requests a second, latencies in ms, CPU µs a request.

    `elsewhere` is the share of the machine that processes other than the benchmark's used.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    elsewhere: float


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on just now."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


@contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[psutil.Process]:
    """Run a server until the block ends; the block begins when it listens."""
    process = subprocess.Popen(command, env=os.environ | environ)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def serving(app: str, port: int) -> list[str]:
    """Return the command that serves one of the apps as `deploy` does."""
    return [sys.executable, "-m", "bench.gateway_upstream", app, str(port)]


def cpu_of(server: psutil.Process) -> float:
    """Return the CPU seconds that a server and its workers have used."""
    family = [server, *server.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)


def own_cpu() -> float:
    """Return the CPU seconds of the benchmark, its servers, and the wrks that have ended."""
    return cpu_of(psutil.Process()) + sum(psutil.Process().cpu_times()[2:4])


def load(server: psutil.Process, url: str, connections: int, seconds: int, bearer: str) -> Load:
    """Load `url` with wrk; anything but 2xx is an error."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
               "-H", f"Authorization: Bearer {bearer}", url]  # fmt: skip
    before, ours, all_of_it = cpu_of(server), own_cpu(), psutil.cpu_times()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = cpu_of(server) - before
    now = psutil.cpu_times()
    total = sum(now) - sum(all_of_it)
    elsewhere = 1 - (now.idle - all_of_it.idle + own_cpu() - ours) / total
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    at = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", said, re.MULTILINE))
    rate, count = re.search(r"Requests/sec:\s+(\S+)", said), re.search(r"(\d+) requests in", said)
    assert rate is not None
    assert count is not None
    cpu = spent / max(int(count[1]), 1) * 1_000_000
    return Load(float(rate[1]), _ms(at["50"]), _ms(at["99"]), cpu, elsewhere)


def _ms(text: str) -> float:
    value = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    assert value is not None, text
    return float(value[1]) * UNITS[value[2]]


def measure(rounds: int, seconds: int) -> dict[tuple[str, int, str], list[Load]]:
    """Start everything and load it in interleaved rounds."""
    service, fixed, nginx, ours = free_ports(4)
    found: dict[tuple[str, int, str], list[Load]] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-nginx-"))
        ports = {"service": service, "fixed": fixed, "nginx": nginx}
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, **ports))
        stack.enter_context(running(serving("service", service), service))
        stack.enter_context(running(serving("fixed", fixed), fixed))
        urls = {
            "SERVICE_URL": f"http://127.0.0.1:{service}",
            "FIXED_URL": f"http://127.0.0.1:{fixed}",
        }
        gateway = serving("gateway", ours)
        front = {
            "nginx": (nginx, stack.enter_context(
                running(["nginx", "-p", folder, "-c", str(configuration)], nginx))),
            "ours": (ours, stack.enter_context(running(gateway, ours, **urls))),
        }  # fmt: skip
        bearer = token()
        for number in range(-1, rounds):  # the first warms up
            for path in (JOBS, FIXED):
                for connections in (CONCURRENT, 1):
                    for name, (port, server) in front.items():
                        url = f"http://127.0.0.1:{port}{path}"
                        span = seconds if number >= 0 else 1
                        seen = load(server, url, connections, span, bearer)
                        if number >= 0:
                            found.setdefault((path, connections, name), []).append(seen)
    return found


def main(rounds: int = 5, seconds: int = 4) -> None:
    """Measure and print medians."""
    found = measure(rounds, seconds)

    print(f"{'path':<34}{'nginx':>10}{'ours':>10}{'ratio':>8}  goal")
    for path, upstream, goal in ((JOBS, "FastAPI", 0.90), (FIXED, "fixed bytes", 0.55)):
        many, one = ([found[path, n, who] for who in ("nginx", "ours")] for n in (CONCURRENT, 1))
        label = f"{upstream}, c={CONCURRENT}"
        row(f"{label}, requests/s", many, "rate", "{:.0f}", f">= {goal:.2f}")
        row(f"{label}, p99 ms", many, "p99", "{:.2f}", "<= 1.50")
        row(f"{label}, CPU µs each", many, "cpu", "{:.0f}", "-")
        row(f"{upstream}, c=1, p50 ms", one, "p50", "{:.3f}", "<= +0.3 ms")
    elsewhere = median(one.elsewhere for loads in found.values() for one in loads)
    print(f"other processes used {elsewhere:.0%} of the machine meanwhile (median)")


def row(label: str, loads: list[list[Load]], what: str, shape: str, goal: str) -> None:
    """Print one line of the table: medians, and the median of the rounds' ratios."""
    nginx, ours = ([getattr(one, what) for one in of] for of in loads)
    ratio = median(b / max(a, 1e-9) for a, b in zip(nginx, ours, strict=True))
    low, high = shape.format(median(nginx)), shape.format(median(ours))
    print(f"{label:<34}{low:>10}{high:>10}{ratio:>8.2f}  {goal}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
