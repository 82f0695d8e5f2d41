"""Whole systems for the tests from outside: one process, or seven over RabbitMQ and PostgreSQL.

Each is a set of real child processes running the `waymark` command; whoever starts one ends it.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import httpx
import psycopg
from sqlalchemy import make_url

from deploy.embedded import embedded_postgres
from deploy.rabbitmq_node import RabbitNode, rabbitmq_node
from deploy.runtime import migrate
from deploy.services import SERVICES
from deploy.tests.balancer import Balancer

WAYMARK = (sys.executable, "-m", "deploy")
READY_WITHIN = 60.0  # seconds
STOP_WITHIN = 10.0  # seconds: the contract's promise
RUN_WITHIN = 120.0  # seconds for one command


@dataclass
class System:
    """A running system: its address, database, mail folder, and processes by name."""

    url: str
    database_url: str
    folder: Path
    environment: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]
    broker: RabbitNode | None = None
    own_environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is set for one process only, by its name."""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def mail(self) -> Path:
        """Where mails are put as files."""
        return self.folder / "mail"

    def mails(self, address: str) -> list[str]:
        """Return the texts of the mails to `address`."""
        mails = [message_from_bytes(file.read_bytes(), policy=default)
                 for file in self.mail.glob("*.eml")]  # fmt: skip
        bodies = [mail.get_body(("plain",)) for mail in mails if mail["To"] == address]
        return [str(body.get_content()) for body in bodies if body is not None]

    def start(self, name: str) -> None:
        """Start the process `name`; its output goes to `<folder>/<name>.log`."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [*WAYMARK, *self.commands[name]],
                env={**self.environment, **self.own_environment.get(name, {})},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, *command: str) -> None:
        """Run one `waymark` command over this system, to its end."""
        _run(self.environment, *command)

    def kill(self, name: str) -> None:
        """SIGKILL a process: it dies as it is."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def kill_and_start(self, name: str) -> None:
        """SIGKILL a process, or `broker`, and start it again."""
        if name == "broker" and self.broker is not None:
            self.broker.kill()
            self.broker.start()
            self.broker.wait_ready()
        else:
            self.kill(name)
            self.start(name)

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask a process to end; return its exit code. It has ten seconds."""
        process = self.running.pop(name)
        process.send_signal(number)
        try:
            return process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    def wait_ready(self) -> None:
        """Return once the gateway says that every service is ready, and has its demo data."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended:\n{self.log(name)}")
            try:
                answer = httpx.get(f"{self.url}/health/ready", timeout=5)
                if answer.status_code == 200 and "is ready" in self.log(next(iter(self.commands))):
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise RuntimeError("not ready in time:\n" + "\n".join(map(self.log, self.running)))

    def log(self, name: str) -> str:
        """Return the end of what a process wrote."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")[-6000:]

    def end(self) -> None:
        """Kill whatever still runs."""
        for name in list(self.running):
            self.kill(name)


@contextmanager
def one_process(**settings: str) -> Iterator[System]:
    """Run `waymark up` in a new folder, over a PostgreSQL of its own that is migrated already."""
    with _folder() as folder:
        subprocess.run(["cp", "-a", _migrated_postgres(), folder / "postgres"], check=True)
        with _up(folder, settings) as system:
            yield system


@contextmanager
def first_start(*prepare: str, **settings: str) -> Iterator[System]:
    """Run `waymark up` in an empty folder, or in what the command `prepare` makes of it."""
    with _folder() as folder, _up(folder, settings, *prepare) as system:
        yield system


@contextmanager
def _up(folder: Path, settings: Mapping[str, str], *prepare: str) -> Iterator[System]:
    [port] = free_ports(1)
    system = System(
        url=f"http://127.0.0.1:{port}",
        database_url=f"postgresql://postgres@/postgres?host={folder}/postgres/run&port=5432",
        folder=folder,
        environment=_environment(folder) | {"PORT": str(port), **settings},
        commands={"waymark": ("up",)},
    )
    if prepare:  # a command
        system.run(*prepare)
    with ExitStack() as stack:
        stack.callback(_stop_politely, system)
        system.start("waymark")
        system.wait_ready()
        yield system


@contextmanager
def seven_processes(postgres_url: str, database: str, **settings: str) -> Iterator[System]:
    """Run the gateway and the six services, over a new database and a RabbitMQ node of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        broker = stack.enter_context(rabbitmq_node(folder / "rabbitmq"))
        database_url = _url_of(postgres_url, database)
        port, *ports = free_ports(1 + len(SERVICES))
        urls = {
            f"{name.upper()}_URL": f"http://127.0.0.1:{its}"
            for name, its in zip(SERVICES, ports, strict=True)
        }
        environment = _environment(folder) | {
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "RABBITMQ_URL": broker.url,
            **urls,
            **settings,
        }
        _make_database(postgres_url, database, environment)
        system = System(
            url=f"http://127.0.0.1:{port}",
            database_url=database_url,
            folder=folder,
            environment=environment,
            commands={"gateway": ("gateway",)} | {name: ("service", name) for name in SERVICES},
            broker=broker,
        )
        stack.callback(system.end)
        for name in system.commands:
            system.start(name)
        system.wait_ready()
        yield system


@dataclass
class Twins(System):
    """Two replicas of everything, `jobs-1` and `jobs-2`, behind a load balancer each."""

    balancers: Mapping[str, Balancer] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)

    def enter(self, replica: str) -> None:
        """Let calls come to a replica."""
        self.balancers[replica.rsplit("-", 1)[0]].backends.append(self.ports[replica])

    def leave(self, replica: str) -> None:
        """Let no more connections come to it; those that are open stay."""
        self.balancers[replica.rsplit("-", 1)[0]].backends.remove(self.ports[replica])

    def renew(self, replica: str) -> int:
        """Replace a replica as a rolling update does; return the exit code of the old one."""
        self.leave(replica)
        code = self.stop(replica)
        self.start(replica)
        self.wait_up(replica)
        self.enter(replica)
        return code

    def wait_up(self, replica: str) -> None:
        """Return once this replica says that it is ready."""
        url = f"http://127.0.0.1:{self.ports[replica]}/health/ready"
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(url, timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{replica} is not ready in time:\n{self.log(replica)}")


@contextmanager
def twins(postgres_url: str, database: str, **settings: str) -> Iterator[Twins]:
    """Run two gateways and two of each service, over a new database and a RabbitMQ node."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        broker = stack.enter_context(rabbitmq_node(folder / "rabbitmq"))
        database_url = _url_of(postgres_url, database)
        balancers = {name: stack.enter_context(Balancer()) for name in ("gateway", *SERVICES)}
        names = [f"{name}-{number}" for name in balancers for number in (1, 2)]
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        url = f"http://127.0.0.1:{balancers['gateway'].port}"
        environment = _environment(folder) | {
            "PUBLIC_URL": url,
            "DATABASE_URL": database_url,
            "RABBITMQ_URL": broker.url,
            **{f"{n.upper()}_URL": f"http://127.0.0.1:{balancers[n].port}" for n in SERVICES},
            **settings,
        }
        _make_database(postgres_url, database, environment)
        system = Twins(
            url=url,
            database_url=database_url,
            folder=folder,
            environment=environment,
            commands={
                name: ("gateway",)
                if name.startswith("gateway")
                else ("service", name[:-2], "--port", str(ports[name]))
                for name in names
            },
            broker=broker,
            own_environment={name: {"PORT": str(ports[name])} for name in names},
            balancers=balancers,
            ports=ports,
        )
        stack.callback(system.end)
        for name in names:
            system.start(name)
            system.enter(name)
        system.wait_ready()
        yield system


def _stop_politely(system: System) -> None:
    """SIGTERM, so that the embedded database goes with its process."""
    for name in list(system.running):
        system.stop(name)


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder that the database's own user may pass through: pytest's may not."""
    with TemporaryDirectory(prefix="waymark-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DATA_DIR": str(folder),
        "DEMO_DATA": "0",
        "RATE_LIMIT_SCALE": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONWARNINGS": "default",
    }


def _run(environment: Mapping[str, str], *command: str) -> None:
    subprocess.run(
        [*WAYMARK, *command], env=environment, check=True, capture_output=True, timeout=RUN_WITHIN
    )


@cache
def _migrated_postgres() -> Path:
    """Make, once a session, the folder of an embedded PostgreSQL that is migrated and stopped."""
    folder = Path(mkdtemp(prefix="waymark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with embedded_postgres(folder / "postgres", durable=False) as url:
        migrate(url)
    return folder / "postgres"


_filled: dict[str, str] = {}
"""Server -> a database of it that is as `migrate` and `seed` leave one."""


def _make_database(postgres_url: str, name: str, environment: Mapping[str, str]) -> None:
    """Make a database that is migrated and seeded: the first by command, later ones as its copy."""
    filled = _filled.get(postgres_url, "template1")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{filled}"')
        if postgres_url not in _filled:
            _run(environment, "migrate")
            _run(environment, "seed")
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_filled" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}_filled" TEMPLATE "{name}"')
            _filled[postgres_url] = f"{name}_filled"


def _url_of(postgres_url: str, name: str) -> str:
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on just now."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
